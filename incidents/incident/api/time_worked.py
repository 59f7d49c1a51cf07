"""Time worked on an incident over REST: actions that the viewset of incidents takes in."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.incident import operations, permissions
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.people import PersonField
from itsm.api.permissions import Entry
from itsm.api.serializers import Shown, Strict
from itsm.api.versions import refuse_if_match
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.work.models import TimeWorked
from itsm.work.time_limits import MAX_MINUTES, MAX_NOTE
from itsm.work.time_worked import require_own, time_on

_WORK = Entry(permissions.responders, scopes.INCIDENTS_WRITE, over=permissions.workers)

POLICY: dict[str, Entry] = {
    "time": Entry(permissions.staff, over=permissions.readers),
    "note_time": _WORK,
    "correct_time": _WORK,
    "withdraw_time": _WORK,
}


class TimeNoted(Strict):
    """One's own time; without `day`: today."""

    minutes = fields.Whole(min_value=1, max_value=MAX_MINUTES)
    note = fields.Text(max_length=MAX_NOTE, allow_blank=True, default="")
    day = serializers.DateField(required=False)


class TimeCorrected(Strict):
    minutes = fields.Whole(min_value=1, max_value=MAX_MINUTES, required=False)
    note = fields.Text(max_length=MAX_NOTE, allow_blank=True, required=False)
    day = serializers.DateField(required=False)


class TimeShown(Shown):
    """Minutes of one person on one day."""

    by = PersonField(read_only=True)

    class Meta:
        model = TimeWorked
        fields = ("id", "by", "minutes", "note", "day", "at")


class AllTimeShown(serializers.Serializer[Any]):
    """`minutes`: the sum of the entries."""

    minutes = serializers.IntegerField()
    entries = TimeShown(many=True)


class TimeWorkedActions:
    """What people note of their time on one incident."""

    actor: Actor
    get_object: Any
    validated: Any
    get_serializer_context: Any

    @extend_schema(responses={200: AllTimeShown}, operation_id="incidents_time")
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def time(self, request: Request, number: str) -> Response:
        """Who worked how long on it, the newest day first."""
        entries = list(time_on(self.get_object()))
        said = {"minutes": sum(one.minutes for one in entries), "entries": entries}
        return Response(AllTimeShown(said, context=self.get_serializer_context()).data)

    @extend_schema(request=TimeNoted, responses={201: TimeShown}, operation_id="incidents_note_time")
    @time.mapping.post
    @idempotent()
    def note_time(self, request: Request, number: str) -> Response:
        """Note one's own time."""
        incident = self.get_object()
        made = operations.add_time(incident, actor=self.actor, **self.validated(TimeNoted))
        return Response(TimeShown(made, context=self.get_serializer_context()).data, status=201)

    @extend_schema(request=TimeCorrected, responses={200: TimeShown}, operation_id="incidents_correct_time")
    @action(detail=True, methods=["patch"], url_path="time/(?P<entry>[0-9]{1,18})", url_name="time-entry")
    def correct_time(self, request: Request, number: str, entry: str) -> Response:
        """Correct one's own."""
        incident = self.get_object()
        found = self._own_entry(incident, entry)
        refuse_if_match(request)
        changed = operations.correct_time(incident, found, actor=self.actor, **self.validated(TimeCorrected))
        return Response(TimeShown(changed, context=self.get_serializer_context()).data)

    @extend_schema(request=None, responses={204: None}, operation_id="incidents_withdraw_time")
    @correct_time.mapping.delete
    def withdraw_time(self, request: Request, number: str, entry: str) -> Response:
        """Take one's own back."""
        incident = self.get_object()
        operations.withdraw_time(incident, self._own_entry(incident, entry), actor=self.actor)
        return Response(status=204)

    def _own_entry(self, incident: Any, entry: str) -> TimeWorked:
        """Whose it is, is looked at before the body."""
        found = time_on(incident).filter(pk=int(entry)).first()
        if found is None:
            raise NotFound(_("There is no such entry of time here."))
        require_own(found, actor=self.actor)
        return found
