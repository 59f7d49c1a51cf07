"""Status pages over REST: who works here reads, who speaks to the public writes, in person."""

from typing import ClassVar

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import scopes
from itsm.api.filters import Listed
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.routing import Router
from itsm.api.serializers import Nothing
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable, Rows
from itsm.statuspage import inputs, permissions, queries
from itsm.statuspage.inputs import states_said
from itsm.statuspage.models import Component, Maintenance, PublicIncident, PublicUpdate, StatusPage
from itsm.statuspage.operations import behind, keeping, notices, spans
from itsm.statuspage.operations import maintenance as planned
from itsm.statuspage.outputs import (
    ComponentShown,
    MaintenanceShown,
    PublicIncidentShown,
    PublicUpdateShown,
    StatusPageShown,
)

_READ = Entry(permissions.readers)
_KEEP = Entry(permissions.keepers, scopes.CATALOG_WRITE)
_SPEAK = Entry(permissions.publishers, scopes.INCIDENTS_WRITE)


class OfPage(Listed):
    """Rows of one page, by its slug."""

    page = django_filters.CharFilter(field_name="page__slug", max_length=63)


class IncidentFilter(OfPage):
    class Meta:
        model = PublicIncident
        fields = ("page", "status")


class MaintenanceFilter(OfPage):
    class Meta:
        model = Maintenance
        fields = ("page", "status")


class ComponentFilter(OfPage):
    class Meta:
        model = Component
        fields = ("page",)


class StatusPageViewSet(Readable):
    """Status pages: what one public reads."""

    policy: ClassVar = {
        "list": _READ, "retrieve": _READ, "create": _KEEP, "partial_update": _KEEP, "retire": _KEEP, "rekey": _KEEP,
    }  # fmt: skip
    serializer_class = StatusPageShown
    lookup_field = "slug"
    lookup_value_regex = "[a-z0-9-]{1,63}"

    def visible_rows(self) -> QuerySet[StatusPage]:
        return queries.with_counts(queries.pages(self.actor)).order_by()

    @extend_schema(request=inputs.NewPage, responses={201: StatusPageShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        """Begin a page. `key` of one that is opened by a key is in this answer alone."""
        made = keeping.create_page(actor=self.actor, **self.validated(inputs.NewPage))
        return self.respond(made, 201, {"Location": f"/api/v1/status-pages/{made.slug}/"})

    @extend_schema(request=inputs.PageEditing, responses=StatusPageShown)
    def partial_update(self, request: Request, slug: str) -> Response:
        said, found = self.validated(inputs.PageEditing), self.get_object()
        return self.respond(keeping.edit_page(found, actor=self.actor, version=version_read(request), **said))

    @extend_schema(request=Nothing, responses=StatusPageShown)
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, slug: str) -> Response:
        """Nobody reads it any longer."""
        self.validated(Nothing)
        version, now = version_read(request), timezone.now()
        return self.respond(keeping.retire_page(self.get_object(), actor=self.actor, at=now, version=version))

    @extend_schema(request=Nothing, responses=StatusPageShown)
    @action(detail=True, methods=["post"])
    def rekey(self, request: Request, slug: str) -> Response:
        """Another key; the one before opens nothing any longer."""
        self.validated(Nothing)
        return self.respond(keeping.rekey_page(self.get_object(), actor=self.actor, version=version_read(request)))


class ComponentViewSet(Readable):
    """Components of status pages."""

    policy: ClassVar = {
        "list": _READ, "retrieve": _READ, "create": _KEEP, "partial_update": _KEEP, "retire": _KEEP, "state": _SPEAK,
    }  # fmt: skip
    serializer_class = ComponentShown
    filterset_class = ComponentFilter
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[Component]:
        return queries.components(self.actor).prefetch_related("spans").order_by()

    @extend_schema(request=inputs.NewComponent, responses={201: ComponentShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        """A line more on a page."""
        said = self.validated(inputs.NewComponent)
        page = queries.page_called(self.actor, said.pop("page"))
        made = keeping.add_component(page, actor=self.actor, at=timezone.now(), **said)
        return self.respond(made, 201, {"Location": f"/api/v1/status-components/{made.pk}/"})

    @extend_schema(request=inputs.ComponentEditing, responses=ComponentShown)
    def partial_update(self, request: Request, pk: str) -> Response:
        said, found = self.validated(inputs.ComponentEditing), self.get_object()
        return self.respond(keeping.edit_component(found, actor=self.actor, version=version_read(request), **said))

    @extend_schema(request=Nothing, responses=ComponentShown)
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: str) -> Response:
        """It is shown no longer."""
        self.validated(Nothing)
        version, now = version_read(request), timezone.now()
        return self.respond(keeping.retire_component(self.get_object(), actor=self.actor, at=now, version=version))

    @extend_schema(request=inputs.StateByHand, responses=ComponentShown)
    @action(detail=True, methods=["post"])
    def state(self, request: Request, pk: str) -> Response:
        """Say by hand how it stands; null lets notices say it again."""
        said = self.validated(inputs.StateByHand)
        found = spans.set_state(self.get_object(), actor=self.actor, at=timezone.now(), state=said["state"] or "")
        return self.respond(self.visible_rows().get(pk=found.pk))


class PublicIncidentViewSet(Readable):
    """Incidents as the public is told of them."""

    policy: ClassVar = {"list": _READ, "retrieve": _READ, "create": _SPEAK, "updates": _SPEAK}
    serializer_class = PublicIncidentShown
    filterset_class = IncidentFilter
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[PublicIncident]:
        return queries.incidents(self.actor).prefetch_related("updates__withdrawn", "updates__by", "spans").order_by()

    @extend_schema(request=inputs.NewPublicIncident, responses={201: PublicIncidentShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        """Tell the public that something does not work."""
        said = self.validated(inputs.NewPublicIncident)
        page = queries.page_called(self.actor, said.pop("page"))
        said |= {
            "states": states_said(said.pop("components")),
            "internal": behind.of_incident(said["internal"], self.actor),
        }
        made = notices.publish(page, actor=self.actor, at=timezone.now(), **said)
        return self.respond(made, 201, {"Location": f"/api/v1/public-incidents/{made.pk}/"})

    @extend_schema(request=inputs.IncidentUpdate, responses={201: PublicIncidentShown})
    @action(detail=True, methods=["post"])
    def updates(self, request: Request, pk: str) -> Response:
        """Take a step, or none, and say why."""
        said = self.validated(inputs.IncidentUpdate)
        said |= {"states": states_said(said.pop("components")), "version": version_read(request)}
        moved = notices.publish_update(self.get_object(), actor=self.actor, at=timezone.now(), **said)
        return self.respond(self.visible_rows().get(pk=moved.pk), 201)


class MaintenanceViewSet(Readable):
    """Planned work as the public is told of it."""

    policy: ClassVar = {
        "list": _READ, "retrieve": _READ, "create": _SPEAK, "partial_update": _SPEAK, "updates": _SPEAK,
    }  # fmt: skip
    serializer_class = MaintenanceShown
    filterset_class = MaintenanceFilter
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[Maintenance]:
        return queries.maintenance(self.actor).prefetch_related("updates__withdrawn", "updates__by").order_by()

    @extend_schema(request=inputs.NewMaintenance, responses={201: MaintenanceShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        """Tell the public about work to come; a change behind it begins and ends it."""
        said = self.validated(inputs.NewMaintenance)
        page = queries.page_called(self.actor, said.pop("page"))
        said["internal"] = behind.of_maintenance(said["internal"], self.actor)
        made = planned.plan_maintenance(page, actor=self.actor, at=timezone.now(), **said)
        return self.respond(made, 201, {"Location": f"/api/v1/public-maintenance/{made.pk}/"})

    @extend_schema(request=inputs.Rescheduling, responses=MaintenanceShown)
    def partial_update(self, request: Request, pk: str) -> Response:
        """It takes place at another time, and the public is told."""
        said = self.validated(inputs.Rescheduling)
        found, version = self.get_object(), version_read(request)
        moved = planned.reschedule(found, actor=self.actor, at=timezone.now(), version=version, **said)
        return self.respond(self.visible_rows().get(pk=moved.pk))

    @extend_schema(request=inputs.MaintenanceUpdate, responses={201: MaintenanceShown})
    @action(detail=True, methods=["post"])
    def updates(self, request: Request, pk: str) -> Response:
        """Take a step, or none, and say so."""
        said = self.validated(inputs.MaintenanceUpdate) | {"version": version_read(request)}
        moved = planned.move_maintenance(self.get_object(), actor=self.actor, at=timezone.now(), **said)
        return self.respond(self.visible_rows().get(pk=moved.pk), 201)


class PublicUpdateViewSet(Rows):
    """One update: it stays as it was said, and can be taken off the page."""

    policy: ClassVar = {"retrieve": _READ, "withdraw": _SPEAK}
    serializer_class = PublicUpdateShown
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[PublicUpdate]:
        return queries.updates(self.actor)

    def retrieve(self, request: Request, pk: str) -> Response:
        """What was said."""
        return self.respond(self.get_object())

    @extend_schema(request=inputs.Withdrawal, responses=PublicUpdateShown)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """The public reads it no longer; mails that left have left."""
        said = self.validated(inputs.Withdrawal)
        notices.withdraw_update(self.get_object(), actor=self.actor, at=timezone.now(), **said)
        return self.respond(self.visible_rows().get(pk=pk))


def register(router: Router) -> None:
    """Routes of the API."""
    router.register("status-pages", StatusPageViewSet, basename="status-page")
    router.register("status-components", ComponentViewSet, basename="status-component")
    router.register("public-incidents", PublicIncidentViewSet, basename="public-incident")
    router.register("public-maintenance", MaintenanceViewSet, basename="public-maintenance")
    router.register("public-updates", PublicUpdateViewSet, basename="public-update")
