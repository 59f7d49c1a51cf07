"""Incidents over REST. Each step is a POST to its own name."""

from typing import ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.incident import operations, permissions, queries
from incidents.incident.api.macro import MACRO, OnMacros
from incidents.incident.api.serializers import (
    IncidentEditing,
    IncidentShown,
    NewIncident,
    NoteShown,
    ParentNamed,
    Saying,
    notes_for,
)
from incidents.incident.api.time_worked import POLICY as TIME_POLICY
from incidents.incident.api.time_worked import TimeWorkedActions
from incidents.incident.api.together import POLICY, Together
from incidents.incident.filters import IncidentFilter
from incidents.incident.models import Incident
from incidents.incident.workflow import WORKFLOW
from itsm.accounts import scopes
from itsm.accounts.models import User
from itsm.api.filters import refuse_unknown
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.steps import draws_steps
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable
from itsm.approvals.api.viewsets import AWAITING, AwaitingShown, awaiting
from itsm.work import labels

_WRITE = Entry(permissions.participants, scopes.INCIDENTS_WRITE)
_RESPOND = Entry(permissions.responders, scopes.INCIDENTS_WRITE, over=permissions.workers)


@draws_steps(WORKFLOW, record="an incident", scope=scopes.INCIDENTS_WRITE, awaiting=AWAITING)
class IncidentViewSet(Together, OnMacros, TimeWorkedActions, Readable):
    """What went wrong. Keyed by number (INC-00042)."""

    policy: ClassVar = {
        **POLICY,
        "macro": MACRO,
        **TIME_POLICY,
        "list": Entry(permissions.anyone),
        "retrieve": Entry(permissions.anyone),
        "labels": Entry(permissions.anyone),
        "create": _WRITE,
        "partial_update": _RESPOND,
        "parent": _RESPOND,
        "no_parent": _RESPOND,
        "notes": Entry(permissions.anyone),
        "say": Entry(permissions.participants, scopes.INCIDENTS_WRITE, over=queries.speakers),
    }
    serializer_class = IncidentShown
    filterset_class = IncidentFilter
    lookup_field = "number"
    lookup_value_regex = "[A-Za-z]{3}-[0-9]{1,12}"

    def visible_rows(self) -> QuerySet[Incident]:
        return queries.listed(self.actor)

    def get_object(self) -> Incident:
        return queries.by_reference(self.actor, self.kwargs["number"])

    @extend_schema(request=NewIncident, responses={201: IncidentShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        incident = operations.open_prefilled(actor=self.actor, **self.validated(NewIncident))
        if isinstance(asking := request.user, User):  # who asks is read already, and mostly who it is about
            _people_known(incident, asking)
        return self.respond(incident, 201, {"Location": f"/api/v1/incidents/{incident.reference}/"})

    @extend_schema(
        parameters=[OpenApiParameter("begin", str, description="How they begin.")],
        responses={200: serializers.ListSerializer(child=serializers.CharField())},
        operation_id="incidents_labels",
    )
    @action(detail=False, methods=["get"], pagination_class=None, filter_backends=[])
    def labels(self, request: Request) -> Response:
        """Labels in use on what the reader sees, those of late that most have first: at most 100."""
        refuse_unknown(request.query_params, ["begin"], whole=True)
        return Response(queries.labels_seen(self.actor, labels.normal(request.query_params.get("begin", "")[:80])))

    @extend_schema(responses={200: NoteShown(many=True)}, operation_id="incidents_notes")
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def notes(self, request: Request, number: str) -> Response:
        """What was written on it, oldest first; private notes only for who reads the whole record."""
        found = notes_for(self.actor, self.get_object())
        return Response(NoteShown(found, many=True, context=self.get_serializer_context()).data)

    @extend_schema(request=Saying, responses={201: NoteShown}, operation_id="incidents_say")
    @notes.mapping.post
    @idempotent()
    def say(self, request: Request, number: str) -> Response:
        """A private note of the desk, or a public word to or from the caller."""
        said, incident = self.validated(Saying), self.get_object()
        private = said["private"] and permissions.readers(self.actor, incident)
        seen = None if private else said.get("seen")
        made, _files = operations.say(incident, actor=self.actor, text=said["text"], private=private, seen=seen)
        if isinstance(asking := request.user, User) and made.by_id == asking.pk:  # who asks is read already
            made.by = asking
        return Response(NoteShown(made, context=self.get_serializer_context()).data, status=201)

    @extend_schema(request=ParentNamed, responses=IncidentShown, operation_id="incidents_parent")
    @action(detail=True, methods=["post"])
    def parent(self, request: Request, number: str) -> Response:
        """Make it the child of another: it is resolved with that one."""
        incident = self.get_object()
        return self.respond(operations.set_parent(incident, actor=self.actor, **self.validated(ParentNamed)))

    @extend_schema(responses={200: IncidentShown}, operation_id="incidents_no_parent")
    @parent.mapping.delete
    def no_parent(self, request: Request, number: str) -> Response:
        """It stands alone again."""
        return self.respond(operations.clear_parent(self.get_object(), actor=self.actor))

    @extend_schema(request=IncidentEditing, responses={200: IncidentShown, 202: AwaitingShown})
    def partial_update(self, request: Request, number: str) -> Response:
        words = self.validated(IncidentEditing)
        kept = operations.edit(self.get_object(), actor=self.actor, version=version_read(request), **words)
        return self.respond(kept) if kept.awaits is None else awaiting(kept.awaits)


def _people_known(incident: Incident, asking: User) -> None:
    """An answer names who reported it and for whom: each would be read again."""
    if incident.opened_by_id == asking.pk:
        incident.opened_by = asking
    if incident.caller_id == asking.pk:
        incident.caller = asking
