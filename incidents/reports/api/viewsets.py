"""Reports over REST."""

from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.reports import permissions
from incidents.reports.filters import period
from incidents.reports.queries import figures
from itsm.api.filters import refuse_unknown
from itsm.api.permissions import Entry
from itsm.api.viewsets import Rows
from itsm.replica import may_be_old

_UTC = ZoneInfo("UTC")


class SlaShown(serializers.Serializer[Any]):
    """Agreements of what was resolved in the period."""

    met = serializers.IntegerField()
    breached = serializers.IntegerField()


class IncidentReportShown(serializers.Serializer[Any]):
    """Numbers of incidents opened in the period; `total` and `by_state` count merged ones too."""

    total = serializers.IntegerField()
    by_priority = serializers.DictField(child=serializers.IntegerField())
    by_state = serializers.DictField(child=serializers.IntegerField())
    reopened = serializers.IntegerField()
    reassigned = serializers.IntegerField()
    escalated = serializers.IntegerField()
    caused_by_change = serializers.IntegerField()
    sla = SlaShown()


class IncidentReportViewSet(Rows):
    """What was opened in a period, as the reader may see it."""

    policy: ClassVar = {"retrieve": Entry(permissions.staff)}
    serializer_class = IncidentReportShown
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        operation_id="incident_report",
        parameters=[
            OpenApiParameter("from", OpenApiTypes.STR, description="A day (its beginning in UTC) or an instant."),
            OpenApiParameter("to", OpenApiTypes.STR, description="Not part of the period. Without both: all time."),
        ],
        responses={200: IncidentReportShown},
    )
    @may_be_old
    def retrieve(self, request: Request) -> Response:
        """Exact numbers of [from, to)."""
        refuse_unknown(request.query_params, ("from", "to"), whole=True)
        return Response(figures(self.actor, period(request.query_params.dict(), _UTC)))
