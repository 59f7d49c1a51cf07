"""Incidents over REST. Each step is a POST to its own name."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.incident import operations, permissions, queries
from incidents.incident.api.serializers import IncidentEditing, IncidentShown, NewIncident, Nothing, Reason, Resolution
from incidents.incident.filters import IncidentFilter
from incidents.incident.models import Incident
from itsm.accounts import scopes
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.serializers import Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable
from itsm.approvals.api.viewsets import AwaitingShown, awaiting

_WRITE = Entry(permissions.participants, scopes.INCIDENTS_WRITE)
_RESPOND = Entry(permissions.responders, scopes.INCIDENTS_WRITE)


def _step(name: str, serializer: type[Strict], operation: Callable[..., Incident]) -> Any:
    """The POST action for one step of the workflow table."""

    def take(self: "IncidentViewSet", request: Request, number: str) -> Response:
        words = self.validated(serializer)
        moved = operation(self.get_object(), actor=self.actor, **words)
        return self.respond(moved) if moved.awaits is None else awaiting(moved.awaits)

    take.__name__ = name  # before `action` looks at it: the router finds the step by this name
    take.__doc__ = f"{name.capitalize()} an incident."
    responses = {200: IncidentShown, 202: AwaitingShown} if name == "cancel" else IncidentShown
    described = extend_schema(request=serializer, responses=responses, operation_id=f"incidents_{name}")
    return described(action(detail=True, methods=["post"], url_path=name, url_name=name)(take))


class IncidentViewSet(Readable):
    """What went wrong. Keyed by number (INC-00042)."""

    policy: ClassVar = {
        "list": Entry(permissions.anyone),
        "retrieve": Entry(permissions.anyone),
        "create": _WRITE,
        "partial_update": _RESPOND,
        "reopen": Entry(permissions.participants, scopes.INCIDENTS_WRITE, over=permissions.concerned),
        "close": Entry(permissions.responders, scopes.INCIDENTS_WRITE, over=permissions.closers),
        "confirm": Entry(permissions.responders, scopes.INCIDENTS_WRITE, over=permissions.confirmers),
        **dict.fromkeys(("acknowledge", "hold", "resume", "resolve", "cancel"), _RESPOND),
    }
    serializer_class = IncidentShown
    filterset_class = IncidentFilter
    lookup_field = "number"
    lookup_value_regex = "[A-Za-z]{3}-[0-9]{1,12}"

    acknowledge = _step("acknowledge", Nothing, operations.acknowledge)
    hold = _step("hold", Reason, operations.hold)
    resume = _step("resume", Nothing, operations.resume)
    resolve = _step("resolve", Resolution, operations.resolve)
    reopen = _step("reopen", Reason, operations.reopen)
    close = _step("close", Nothing, operations.close)
    cancel = _step("cancel", Reason, operations.cancel)
    confirm = _step("confirm", Nothing, operations.confirm)

    def visible_rows(self) -> QuerySet[Incident]:
        return queries.listed(self.actor)

    def get_object(self) -> Incident:
        return queries.by_reference(self.actor, self.kwargs["number"])

    @extend_schema(request=NewIncident, responses={201: IncidentShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        incident = operations.open_incident(actor=self.actor, **self.validated(NewIncident))
        return self.respond(incident, 201, {"Location": f"/api/v1/incidents/{incident.reference}/"})

    @extend_schema(request=IncidentEditing, responses={200: IncidentShown, 202: AwaitingShown})
    def partial_update(self, request: Request, number: str) -> Response:
        words = self.validated(IncidentEditing)
        kept = operations.edit(self.get_object(), actor=self.actor, version=version_read(request), **words)
        return self.respond(kept) if kept.awaits is None else awaiting(kept.awaits)
