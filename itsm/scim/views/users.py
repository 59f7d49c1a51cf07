"""People, as a provider writes them."""

from collections.abc import Callable
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.scim import operations, resources
from itsm.scim.documents import USER_SHAPE, UserSaid, user_said
from itsm.scim.filtering import OF_USERS
from itsm.scim.models import ScimGroup, ScimUser
from itsm.scim.patching import patched
from itsm.scim.resources import as_document
from itsm.scim.views.doors import an_object
from itsm.scim.views.resources import Resources, Searched


class OfUsers(Resources):
    asked_by = OF_USERS

    def rows(self) -> QuerySet[ScimUser]:
        rows = ScimUser.objects.filter(provider=self.provider).select_related("user", "provider")
        return rows.prefetch_related(Prefetch("groups", ScimGroup.objects.order_by("created_at", "pk")))

    def shown(self, one: ScimUser) -> dict[str, Any]:
        return resources.user_shown(one)


class SearchUsers(Searched, OfUsers):
    pass


class Users(OfUsers):
    def get(self, request: Request) -> Response:
        return self.listed()

    def post(self, request: Request) -> Response:
        made = operations.create_user(self.provider, user_said(request.data), at=timezone.now())
        return self.answer(made, 201)


class OneUser(OfUsers):
    def get(self, request: Request, key: str) -> Response:
        one = self.find(key)
        return Response(status=304) if self.is_known(one) else self.answer(one)

    def put(self, request: Request, key: str) -> Response:
        """Whether somebody is active is said or stays: nobody is let in again by leaving a word out."""
        body = an_object(request.data)
        return self._changed(key, lambda held: user_said(body, active=held.active))

    def patch(self, request: Request, key: str) -> Response:
        body = request.data
        return self._changed(key, lambda held: user_said(patched(USER_SHAPE, as_document(held), body), held.active))

    def delete(self, request: Request, key: str) -> Response:
        operations.delete_user(self.find(key), seen=self.seen(), at=timezone.now())
        return Response(status=204)

    def _changed(self, key: str, said: Callable[[ScimUser], UserSaid]) -> Response:
        operations.change_user(self.find(key), said, seen=self.seen(), at=timezone.now())
        return self.answer(self.find(key))
