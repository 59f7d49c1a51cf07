"""The report of toil over REST."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.toil.queries import MOST_WEEKS, toil, whole_weeks
from incidents.toil.rules import WEEK
from itsm.accounts.permissions import staff
from itsm.api.filters import refuse_unknown
from itsm.api.permissions import Entry
from itsm.api.viewsets import Rows
from itsm.kernel.errors import InvalidInput


class ToilRowShown(serializers.Serializer[Any]):
    """Minutes of a group of three people or more; `service`: its slug, empty for what is of none."""

    service = serializers.CharField()
    cause = serializers.CharField()
    minutes = serializers.IntegerField()
    people = serializers.IntegerField()


class SavedShown(serializers.Serializer[Any]):
    """What automatic approval saved; null where fewer than 30 approvals by people say how long theirs take."""

    approvals = serializers.IntegerField()
    by_people = serializers.IntegerField()
    median_minutes = serializers.FloatField(allow_null=True)
    minutes = serializers.IntegerField(allow_null=True)


class ToilShown(serializers.Serializer[Any]):
    """Minutes of people in whole weeks, overlaps of one person counted once. `others`: groups that are too small to be
    shown, together. `hidden_weeks`: weeks with fewer than three people, of which nothing is in any figure."""

    first = serializers.DateTimeField()
    last = serializers.DateTimeField()
    total = serializers.IntegerField(source="report.total", allow_null=True)
    rows = ToilRowShown(source="report.rows", many=True)
    others = serializers.IntegerField(source="report.others", allow_null=True)
    hidden_weeks = serializers.IntegerField(source="report.hidden_weeks")
    saved = SavedShown()


class ToilReportViewSet(Rows):
    """Minutes that went into pages, approvals, reassignments and repeats; never of fewer than three people."""

    policy: ClassVar = {"retrieve": Entry(staff)}
    serializer_class = ToilShown
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        operation_id="toil_report",
        parameters=[
            OpenApiParameter("from", OpenApiTypes.STR, description="A day or an instant; its week begins the period."),
            OpenApiParameter(
                "to", OpenApiTypes.STR, description="Its week is not part of it. Only weeks that are over."
            ),
        ],
        responses={200: ToilShown},
    )
    def retrieve(self, request: Request) -> Response:
        """Of whole weeks (Monday to Monday, UTC) that are over; without a period of the last four."""
        refuse_unknown(request.query_params, ("from", "to"), whole=True)
        asked = request.query_params
        return Response(ToilShown(toil(*period(asked.get("from", ""), asked.get("to", "")))).data)


def period(first: str, last: str) -> tuple[datetime, datetime]:
    """The weeks that were asked for. Raises InvalidInput."""
    begins, ends = whole_weeks(_instant("from", first), _instant("to", last))
    if (ends - begins) // WEEK > MOST_WEEKS:
        raise InvalidInput.about("from", gettext("Ask for at most %(most)d weeks.") % {"most": MOST_WEEKS})
    return begins, ends


def _instant(name: str, text: str) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text[:40])
        at = at.astimezone(UTC) if at.tzinfo is not None else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        at = datetime.min.replace(tzinfo=UTC)
    if not 2000 <= at.year <= 9000:
        raise InvalidInput.about(name, gettext("Send a day, such as 2026-11-02."))
    return at
