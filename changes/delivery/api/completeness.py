"""The report of completeness over REST."""

from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from changes.delivery import permissions
from changes.delivery.api.deployments import DeploymentEventShown
from changes.delivery.filters import NAMES, asked
from changes.delivery.queries.completeness import completeness
from changes.delivery.vocabulary import Standing
from itsm.api import fields
from itsm.api.filters import refuse_unknown
from itsm.api.permissions import Entry
from itsm.api.viewsets import Rows


class CompletenessShown(serializers.Serializer[Any]):
    """`share`: authorised of judged; null where none is. `unauthorised` and `blind` list the newest 200 of each."""

    since = fields.Instant()
    until = fields.Instant()
    judged = serializers.IntegerField(help_text="needed an authorisation and are past their five minutes")
    authorised = serializers.IntegerField(help_text="had one, found at once or late")
    found_late = serializers.IntegerField()
    waiting = serializers.IntegerField()
    in_shadow = serializers.IntegerField(help_text="ran by an answer that did not bind; not judged")
    exempt = serializers.IntegerField()
    share = serializers.FloatField(allow_null=True)
    unauthorised = DeploymentEventShown(many=True)
    blind = DeploymentEventShown(many=True)
    parked = DeploymentEventShown(many=True, help_text="could not be looked at; again within the hour")


def _parameter(name: str, said: str) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.STR, description=said)


class CompletenessViewSet(Rows):
    """Whether each production deployment had the one authorisation that it went out under."""

    policy: ClassVar = {"retrieve": Entry(permissions.readers)}
    serializer_class = CompletenessShown
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        operation_id="completeness_report",
        parameters=[
            _parameter("service", "Its slug; all of them without it."),
            _parameter("from", "A day in UTC or an instant; 30 days before `to`."),
            _parameter("to", "Not part of the period; now. At most 400 days after `from`."),
        ],
        responses={200: CompletenessShown},
    )
    def retrieve(self, request: Request) -> Response:
        """Of the deployments to production that began in [from, to)."""
        refuse_unknown(request.query_params, NAMES, whole=True)
        words = asked(request.query_params.dict(), timezone.now(), ZoneInfo("UTC"))
        found = completeness(self.actor, words.since, words.until, words.slug)
        counts = found.counts
        shape = {
            "since": words.since, "until": words.until, "judged": found.judged, "authorised": found.good,
            "found_late": counts.get(Standing.WITHDRAWN, 0), "waiting": counts.get(Standing.WAITING, 0),
            "in_shadow": counts.get(Standing.SHADOW, 0),
            "exempt": counts.get(Standing.EXEMPT, 0), "share": found.share, "unauthorised": found.unauthorised,
            "blind": found.blind, "parked": found.parked,
        }  # fmt: skip
        return Response(CompletenessShown(shape).data)
