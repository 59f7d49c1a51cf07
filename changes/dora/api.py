"""The five measures over REST: the report, and the rows behind each of its numbers."""

from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from changes.dora import queries
from changes.dora.filters import NAMES, ROWS, Asked, asked, measure_of, page_of
from changes.dora.queries.shapes import row_shape
from changes.dora.rules import Figures
from changes.dora.vocabulary import Because, Measure
from itsm.accounts.permissions import staff
from itsm.api import fields
from itsm.api.filters import refuse_unknown
from itsm.api.permissions import Entry
from itsm.api.viewsets import Rows
from itsm.replica import may_be_old


class LeadTimeShown(serializers.Serializer[Any]):
    """Hours from a commit to the end of the first successful production deployment that holds it, over commits."""

    median = serializers.FloatField(allow_null=True, help_text="null where no deployment says which commits it holds")
    mean = serializers.FloatField(allow_null=True)
    p90 = serializers.FloatField(allow_null=True)


class DoraFiguresShown(serializers.Serializer[Any]):
    """DORA's five of one period, and what they are counted of. Rates are shares between 0 and 1."""

    since = fields.Instant()
    until = fields.Instant(help_text="not part of the period; now at the latest")
    lead_time_hours = LeadTimeShown()
    deployment_frequency = serializers.FloatField(allow_null=True, help_text="successful production deployments a day")
    recovery_time_hours = serializers.FloatField(
        allow_null=True, help_text="median over failed deployments, from their end until the service was restored"
    )
    change_fail_rate = serializers.FloatField(allow_null=True, help_text="failed of all; null where there are none")
    rework_rate = serializers.FloatField(allow_null=True, help_text="fixes of incidents and rollbacks of all")
    commits = serializers.IntegerField(help_text="that lead time is counted of")
    deployments = serializers.IntegerField(help_text="to production, that ended")
    succeeded = serializers.IntegerField()
    failed = serializers.IntegerField()
    restored = serializers.IntegerField(help_text="of the failed ones")
    reworked = serializers.IntegerField()


class DoraShown(DoraFiguresShown):
    """`trend`: the same of each day, week or month (UTC) of the period, the oldest first."""

    service = serializers.CharField()
    trend = DoraFiguresShown(many=True)


class DoraRowShown(serializers.Serializer[Any]):
    """A deployment that a number counts; of lead time a commit. `hours`: of lead time or of recovery."""

    deployment = serializers.IntegerField()
    environment = serializers.CharField()
    version = serializers.CharField()
    commit = serializers.CharField()
    committed_at = fields.Instant(allow_null=True)
    started_at = fields.Instant()
    finished_at = fields.Instant()
    result = serializers.CharField()
    rework = serializers.CharField()
    change = serializers.CharField(allow_null=True)
    because = serializers.ListField(child=fields.Choice(choices=Because.choices))
    incidents = serializers.ListField(child=serializers.CharField())
    hours = serializers.FloatField(allow_null=True)


class DoraRowsShown(serializers.Serializer[Any]):
    measure = fields.Choice(choices=Measure.choices)
    total = serializers.IntegerField()
    rows = DoraRowShown(many=True)


def _parameter(name: str, said: str, **more: Any) -> OpenApiParameter:
    return OpenApiParameter(name, more.pop("kind", OpenApiTypes.STR), description=said, **more)


_PERIOD = [
    _parameter("service", "Its slug. One service against itself over time; there is no table of teams.", required=True),
    _parameter("from", "A day in UTC or an instant; 90 days before `to`."),
    _parameter("to", "Not part of the period; now. At most three years after `from`."),
]


class DoraViewSet(Rows):
    """DORA's five measures of a service."""

    policy: ClassVar = {"retrieve": Entry(staff), "rows": Entry(staff)}
    serializer_class = DoraShown
    pagination_class = None
    filter_backends = ()

    @extend_schema(operation_id="dora_report", parameters=_PERIOD, responses={200: DoraShown})
    @may_be_old
    def retrieve(self, request: Request) -> Response:
        """Of the deployments to production that ended in [from, to), with the trend over its days, weeks or months."""
        refuse_unknown(request.query_params, NAMES, whole=True)
        words = self._asked(request)
        found = queries.dora(self.actor, queries.service_id(self.actor, words.slug), words.edges)
        return Response(
            DoraShown(
                {
                    "service": words.slug,
                    **shape(words.since, words.until, found.total),
                    "trend": [shape(part.since, part.until, part.figures) for part in found.parts],
                }
            ).data
        )

    @extend_schema(
        operation_id="dora_report_rows",
        parameters=[
            *_PERIOD,
            _parameter("measure", "Of which measure; deployment_frequency.", enum=Measure.values),
            _parameter("page", "100 rows each, from 1.", kind=OpenApiTypes.INT),
        ],
        responses={200: DoraRowsShown},
    )
    @may_be_old
    def rows(self, request: Request) -> Response:
        """What a number counts: deployments, the newest first; of lead time commits, the longest first."""
        refuse_unknown(request.query_params, ROWS, whole=True)
        words, said = self._asked(request), request.query_params.dict()
        measure, page = measure_of(said), page_of(said)
        found = queries.rows(
            self.actor, queries.service_id(self.actor, words.slug), words.since, words.until, measure, page
        )
        shown = {"measure": measure, "total": found.total, "rows": [row_shape(one) for one in found.rows]}
        return Response(DoraRowsShown(shown).data)

    def _asked(self, request: Request) -> Asked:
        return asked(request.query_params.dict(), timezone.now(), ZoneInfo("UTC"))


def shape(since: datetime, until: datetime, found: Figures) -> dict[str, Any]:
    """One period's figures by the names of the contract."""
    return {
        "since": since,
        "until": until,
        "lead_time_hours": found.lead._asdict(),
        "deployment_frequency": found.frequency,
        "recovery_time_hours": found.recovery,
        "change_fail_rate": found.fail_rate,
        "rework_rate": found.rework_rate,
        "commits": found.lead.commits,
        "deployments": found.deployments,
        "succeeded": found.succeeded,
        "failed": found.failed,
        "restored": found.restored,
        "reworked": found.reworked,
    }
