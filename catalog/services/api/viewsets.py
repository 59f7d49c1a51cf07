"""Services over REST: find, parse, call one operation, render."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.services import operations, permissions, queries
from catalog.services.api.serializers import NewService, ServiceEditing, ServiceShown
from catalog.services.filters import ServiceFilter
from catalog.services.models import Service
from itsm.accounts import scopes
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable
from itsm.approvals.api.viewsets import AwaitingShown, awaiting


class ServiceViewSet(Readable):
    """What we run. Keyed by slug."""

    policy: ClassVar = {
        "list": Entry(permissions.anyone),
        "retrieve": Entry(permissions.anyone),
        "create": Entry(permissions.service_authors, scopes.CATALOG_WRITE),
        "partial_update": Entry(permissions.service_authors, scopes.CATALOG_WRITE, over=permissions.service_editors),
    }
    serializer_class = ServiceShown
    filterset_class = ServiceFilter
    lookup_field = "slug"
    lookup_value_regex = "[a-z0-9-]{1,63}"

    def visible_rows(self) -> QuerySet[Service]:
        return queries.detailed(self.actor).order_by()

    @extend_schema(request=NewService, responses={201: ServiceShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        service = operations.create_service(actor=self.actor, **self.validated(NewService))
        return self.respond(service, 201, {"Location": f"/api/v1/services/{service.slug}/"})

    @extend_schema(request=ServiceEditing, responses={200: ServiceShown, 202: AwaitingShown})
    def partial_update(self, request: Request, slug: str, **kwargs: Any) -> Response:
        service = self.get_object()
        changed = operations.edit_service(
            service, actor=self.actor, version=version_read(request), **self.validated(ServiceEditing)
        )
        if changed.awaits is not None:
            return awaiting(changed.awaits)
        return self.respond(queries.detailed(self.actor).get(pk=changed.pk))
