"""Services over REST: find, parse, call one operation, render."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.services import operations, permissions, queries
from catalog.services.api.serializers import NewService, ServiceEditing, ServiceForRequester, ServiceShown
from catalog.services.filters import RequesterServiceFilter, ServiceFilter, filter_for
from catalog.services.models import Service
from catalog.services.queries.offered import Offered, offered_by
from catalog.services.queries.states import troubled
from catalog.services.vocabulary import ServiceState
from itsm.accounts import scopes
from itsm.accounts.permissions import staff
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable
from itsm.approvals.api.viewsets import AwaitingShown, awaiting


class ServiceViewSet(Readable):
    """What we run, keyed by slug. Who does not work here reads name, description, state and offerings, no more."""

    _page: Sequence[Service] = ()
    _offers: Mapping[int, Sequence[Offered]] = MappingProxyType({})
    _dependencies: Mapping[int, Sequence[queries.Dependency]] = MappingProxyType({})
    _known_trouble: dict[int, ServiceState] | None = None

    policy: ClassVar = {
        "list": Entry(permissions.anyone),
        "retrieve": Entry(permissions.anyone),
        "create": Entry(permissions.service_authors, scopes.CATALOG_WRITE),
        "partial_update": Entry(permissions.service_authors, scopes.CATALOG_WRITE, over=permissions.service_editors),
    }
    serializer_class = ServiceShown
    lookup_field = "slug"
    lookup_value_regex = "[a-z0-9-]{1,63}"

    @property
    def filterset_class(self) -> type[RequesterServiceFilter]:
        return ServiceFilter if getattr(self, "swagger_fake_view", False) else filter_for(self.actor)

    def get_serializer_class(self) -> Any:
        return ServiceShown if getattr(self, "swagger_fake_view", False) or staff(self.actor) else ServiceForRequester

    def get_serializer_context(self) -> dict[str, Any]:
        asked = {"troubled": self._troubled, "offered": self._offered, "depends_on": self._depends_on}
        return {**super().get_serializer_context(), **asked}

    def _troubled(self) -> dict[int, ServiceState]:
        """Asked once in a request, whatever the number of services."""
        if self._known_trouble is None:
            self._known_trouble = troubled(timezone.now())
        return self._known_trouble

    def _offered(self, service_id: int) -> Sequence[Offered]:
        """Asked once for all services of the answer."""
        if service_id not in self._offers:
            wanted = [service_id, *(one.pk for one in self._page)]
            self._offers = {**dict.fromkeys(wanted, ()), **offered_by(self.actor, wanted)}
        return self._offers[service_id]

    def _depends_on(self, service_id: int) -> Sequence[queries.Dependency]:
        """Asked once for all services of the answer."""
        if service_id not in self._dependencies:
            self._dependencies = queries.dependencies_of([service_id, *(one.pk for one in self._page)])
        return self._dependencies[service_id]

    def paginate_queryset(self, queryset: Any) -> Any:
        self._page = super().paginate_queryset(queryset) or []
        return self._page

    def respond(self, record: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
        """Without a version for who may not edit: how often a service was edited is nothing that they are shown."""
        self._offers, self._dependencies = {}, {}
        response = super().respond(record, status, headers)
        if not staff(self.actor):
            del response["ETag"]
        return response

    def visible_rows(self) -> QuerySet[Service]:
        rows = queries.detailed(self.actor) if staff(self.actor) else queries.visible_services(self.actor)
        return rows.order_by()

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
