"""The report of on-call over REST."""

from datetime import timedelta
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.api import fields
from itsm.api.filters import refuse_unknown
from itsm.api.permissions import Entry
from itsm.api.serializers import Strict
from itsm.api.viewsets import Rows
from itsm.oncall import permissions
from itsm.oncall.reporting import report


class OnCallReportAsked(Strict):
    weeks = fields.Text(max_length=2, default="4")

    def validate_weeks(self, said: str) -> int:
        number = int(said) if said.isascii() and said.isdecimal() else 0
        if not 1 <= number <= 53:
            raise serializers.ValidationError(gettext("Say how many weeks: 1 to 53."))
        return number


class OnCallFiguresShown(serializers.Serializer[Any]):
    """`weighted`: hours, a night's twice, a weekend day's one and a half times. `median`, `p90`: seconds."""

    hours = serializers.FloatField()
    night_hours = serializers.FloatField()
    weekend_hours = serializers.FloatField()
    weighted = serializers.FloatField()
    pages = serializers.IntegerField()
    night_pages = serializers.IntegerField()
    nights = serializers.IntegerField()
    median = serializers.FloatField(allow_null=True)
    p90 = serializers.FloatField(allow_null=True)


class OnCallRowShown(serializers.Serializer[Any]):
    """`figures`: null where fewer than three people were on call. `fairness`: 0 to 1, Jain's index."""

    schedule = serializers.CharField(source="schedule.slug")
    people = serializers.IntegerField()
    gap_hours = serializers.FloatField()
    fairness = serializers.FloatField(allow_null=True)
    figures = OnCallFiguresShown(allow_null=True)


class OnCallSingleShown(serializers.Serializer[Any]):
    person = serializers.CharField(source="person.username")
    figures = OnCallFiguresShown()


class OnCallReportShown(serializers.Serializer[Any]):
    """`singles`: oneself, and whose manager one is."""

    weeks = serializers.IntegerField()
    schedules = OnCallRowShown(many=True)
    singles = OnCallSingleShown(many=True)


class OnCallReportViewSet(Rows):
    """What being on call costs people."""

    policy: ClassVar = {"retrieve": Entry(permissions.readers)}
    serializer_class = OnCallReportShown

    @extend_schema(responses=OnCallReportShown, parameters=[OnCallReportAsked], operation_id="reports_on_call")
    def retrieve(self, request: Request) -> Response:
        """Of the last `weeks` (4)."""
        asked = OnCallReportAsked(data=request.query_params.dict())
        refuse_unknown(request.query_params, asked.fields, whole=True)
        asked.is_valid(raise_exception=True)
        weeks, end = asked.validated_data["weeks"], timezone.now()
        found = report(self.actor, end - timedelta(weeks=weeks), end)
        shown = {"weeks": weeks, "schedules": found.rows, "singles": found.singles}
        return Response(OnCallReportShown(shown).data)
