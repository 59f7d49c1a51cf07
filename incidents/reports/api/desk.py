"""One measure of the desk over REST: as a whole, by a group, over time; each number with the list of what it counts."""

from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.reports import permissions
from incidents.reports.filters import period, zone_named
from incidents.reports.queries import Period, basis, terms_of
from incidents.reports.queries.desk import Cell, Line, by_group, over_time, whole
from incidents.reports.queries.measures import AGREED
from incidents.reports.queries.spreads import Spread
from incidents.reports.vocabulary import Bucket, Group, Measure
from itsm.api import fields
from itsm.api.filters import refuse_unknown
from itsm.api.permissions import Entry
from itsm.api.serializers import Strict
from itsm.api.viewsets import Rows
from itsm.notifications.web_addresses import our_address
from itsm.replica import may_be_old
from itsm.work.grammar import written

_WORDS = ("measure", "group_by", "bucket")
_ASKED = (*_WORDS, "tz", "from", "to")


class DeskReportAsked(Strict):
    """Of the query: the words of our own lists. An empty one is none of them."""

    measure = fields.Choice(choices=Measure.choices, default=Measure.OPENED.value)
    group_by = fields.Choice(choices=Group.choices, required=False)
    bucket = fields.Choice(choices=Bucket.choices, required=False)


class SpreadShown(serializers.Serializer[Any]):
    """Seconds."""

    n = serializers.IntegerField()
    mean = serializers.IntegerField(allow_null=True)
    p50 = serializers.IntegerField(allow_null=True)
    p90 = serializers.IntegerField(allow_null=True)


class NumberShown(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="incidents; the list behind `rows` has as many")
    events = serializers.IntegerField(allow_null=True, help_text="how often it happened to them; cycles of a clock")
    share = serializers.FloatField(allow_null=True, help_text="of what met or missed its target; of what was resolved")
    by_calendar = SpreadShown(allow_null=True, help_text="counted by the calendar of the resolve clock")
    wall = SpreadShown(allow_null=True)
    rows = serializers.CharField(help_text="address of the list that it counts")


class GroupedShown(NumberShown):
    value = serializers.CharField(help_text="as the filter of the list takes it; none for what has none")
    name = serializers.CharField(allow_blank=True)


class BucketShown(NumberShown):
    begin = fields.Instant()
    end = fields.Instant()


class DeskReportShown(serializers.Serializer[Any]):
    measure = fields.Choice(choices=Measure.choices)
    zone = serializers.CharField()
    total = NumberShown()
    groups = GroupedShown(many=True, help_text="where a group is asked for")
    buckets = BucketShown(many=True, help_text="where a bucket and the beginning of the period are asked for")


def _parameter(name: str, said: str, choices: Any = None) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.STR, description=said, enum=choices)


class DeskReportViewSet(Rows):
    """A measure of the desk in a period, as the reader may see it."""

    policy: ClassVar = {"retrieve": Entry(permissions.staff)}
    serializer_class = DeskReportShown
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        operation_id="desk_report",
        parameters=[
            _parameter("measure", "What is counted; opened.", Measure.values),
            _parameter("group_by", "By what it is told apart.", Group.values),
            _parameter("bucket", "Local days, weeks from Monday, or months of the zone.", Bucket.values),
            _parameter("tz", "A zone such as Europe/Berlin; UTC."),
            _parameter("from", "A day (its beginning in the zone) or an instant."),
            _parameter("to", "Not part of the period. Without both: all time."),
        ],
        responses={200: DeskReportShown},
    )
    @may_be_old
    def retrieve(self, request: Request) -> Response:
        """Exact numbers of [from, to), and the list behind each."""
        refuse_unknown(request.query_params, _ASKED, whole=True)
        asked = request.query_params.dict()
        words = DeskReportAsked(data={name: asked[name] for name in _WORDS if name in asked})
        words.is_valid(raise_exception=True)
        said = words.validated_data
        zone = zone_named(asked.get("tz", ""), ZoneInfo("UTC"))
        measure, when = Measure(said["measure"]), period(asked, zone)
        group = Group(said["group_by"]) if "group_by" in said else None
        bucket = Bucket(said["bucket"]) if "bucket" in said else None
        seen, measures = basis(self.actor), _with_its_whole(measure)
        groups = by_group(seen, measures, when, group) if group else []
        buckets = over_time(seen, measures, when, bucket, zone) if bucket else []
        return Response(
            {
                "measure": measure.value,
                "zone": str(zone),
                "total": _shown(whole(seen, measures, when), measure),
                "groups": [
                    {**_shown(line, measure), "value": line.value, "name": line.name}
                    for line in groups
                    if line.cells[measure].number.number
                ],
                "buckets": [{**_shown(line, measure), **_bounds(line.period)} for line in buckets],
            }
        )


def _with_its_whole(measure: Measure) -> list[Measure]:
    """A measure with what it is a share of."""
    if measure == Measure.FCR:
        return [measure, Measure.RESOLVED]
    if measure in AGREED:
        return [one for one in AGREED if AGREED[one][0] == AGREED[measure][0]]
    return [measure]


def _shown(line: Line, measure: Measure) -> dict[str, Any]:
    cell: Cell = line.cells[measure]
    number, share = cell.number, line.share(measure)
    return {
        "number": number.number,
        "events": number.events,
        "share": None if share is None else share[0] / share[1],
        "by_calendar": _spread(number.by_calendar),
        "wall": _spread(number.wall),
        "rows": our_address(f"/api/v1/incidents/?{written(terms_of(cell.rows))}"),
    }


def _spread(found: Spread | None) -> dict[str, Any] | None:
    return None if found is None else {"n": found.n, "mean": found.mean, "p50": found.p50, "p90": found.p90}


def _bounds(part: Period) -> dict[str, str | None]:
    def shown(at: datetime | None) -> str | None:
        return (
            None if at is None else fields.Instant().to_representation(at.astimezone(timezone.get_current_timezone()))
        )

    return {"begin": shown(part.since), "end": shown(part.until)}
