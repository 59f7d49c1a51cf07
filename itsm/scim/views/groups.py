"""Groups, as a provider writes them; and the search over both."""

from collections.abc import Callable
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.scim import operations, resources
from itsm.scim.documents import GROUP_SHAPE, GroupSaid, group_said
from itsm.scim.errors import ScimRefused
from itsm.scim.filtering import OF_GROUPS
from itsm.scim.models import ScimGroup, ScimUser
from itsm.scim.patching import patched
from itsm.scim.views.doors import an_object
from itsm.scim.views.resources import Resources, Searched
from itsm.scim.views.users import SearchUsers


class OfGroups(Resources):
    asked_by = OF_GROUPS

    def rows(self) -> QuerySet[ScimGroup]:
        rows = ScimGroup.objects.filter(provider=self.provider).select_related("provider")
        if "members" in (name.lower() for name in self._attributes()[1]):
            return rows.prefetch_related(Prefetch("members", ScimUser.objects.none()))
        members = ScimUser.objects.only("id").order_by("created_at", "pk")
        return rows.prefetch_related(Prefetch("members", members))

    def shown(self, one: ScimGroup) -> dict[str, Any]:
        return resources.group_shown(one)


class SearchGroups(Searched, OfGroups):
    pass


class SearchAll(Searched):
    """Users, then groups. What is asked of an attribute that one of them has not finds none of those."""

    def listed(self) -> Response:
        start, count = self._page()
        first, total, refused = start - 1, 0, []
        shown: list[dict[str, Any]] = []
        for kind in (SearchUsers, SearchGroups):
            one = kind()
            one.request, one.provider = self.request, self.provider
            try:
                rows = one.filtered(one.rows())
            except ScimRefused as error:
                refused.append(error)
                continue
            here = rows.count()
            shown += one.some(rows, max(first - total, 0), count - len(shown))
            total += here
        if len(refused) == 2:
            raise refused[0]
        return Response(resources.listed(shown, total, start))


class Groups(OfGroups):
    def get(self, request: Request) -> Response:
        return self.listed()

    def post(self, request: Request) -> Response:
        made = operations.create_group(self.provider, group_said(request.data), at=timezone.now())
        return self.answer(self.find(str(made.pk)), 201)


class OneGroup(OfGroups):
    def get(self, request: Request, key: str) -> Response:
        one = self.find(key)
        return Response(status=304) if self.is_known(one) else self.answer(one)

    def put(self, request: Request, key: str) -> Response:
        body = {"members": [], **an_object(request.data)}
        return self._changed(key, lambda held: group_said(body))

    def patch(self, request: Request, key: str) -> Response:
        body = request.data

        def said(held: ScimGroup) -> GroupSaid:
            there = [{"value": str(member)} for member in held.memberships.values_list("member", flat=True)]
            written = {"displayName": held.display_name, "externalId": held.external_id, "members": there}
            return group_said({"members": [], **patched(GROUP_SHAPE, written, body)})

        return self._changed(key, said)

    def delete(self, request: Request, key: str) -> Response:
        operations.delete_group(self.find(key), seen=self.seen(), at=timezone.now())
        return Response(status=204)

    def _changed(self, key: str, said: Callable[[ScimGroup], GroupSaid]) -> Response:
        operations.change_group(self.find(key), said, seen=self.seen(), at=timezone.now())
        return self.answer(self.find(key))
