"""Indicators and their samples over REST."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import scopes
from itsm.api.idempotency import idempotent
from itsm.api.parsers import StrictJSON
from itsm.api.permissions import Entry
from itsm.api.viewsets import Readable
from slo.measuring import operations, permissions
from slo.measuring.api.csv import CsvBody, CsvFile, FileRecordedShown, file_shown
from slo.measuring.api.measurers import NewMeasurers
from slo.measuring.api.samples import NewSamples, RecordedShown
from slo.measuring.api.serializers import IndicatorShown, NewIndicator
from slo.measuring.filters import IndicatorFilter
from slo.measuring.models import Indicator
from slo.measuring.queries.listing import indicators
from slo.measuring.queries.trying import address_of, refusal_of

_READ = Entry(permissions.readers)
_DEFINE = Entry(permissions.authors, scopes.SLO_WRITE)
_NAME = Entry(permissions.measurer_namers, scopes.SLO_WRITE, over=operations.may_name_measurers)
_MEASURE = Entry(permissions.senders, scopes.SAMPLES_WRITE)


class IndicatorViewSet(Readable):
    """What is measured. Keyed by slug."""

    policy: ClassVar = {"list": _READ, "retrieve": _READ, "create": _DEFINE, "samples": _MEASURE, "measurers": _NAME}
    serializer_class = IndicatorShown
    filterset_class = IndicatorFilter
    lookup_field = "slug"
    lookup_value_regex = "[a-z0-9-]{1,63}"

    def visible_rows(self) -> QuerySet[Indicator]:
        return indicators(self.actor).order_by()

    @extend_schema(request=NewIndicator, responses={201: IndicatorShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        indicator = operations.create_indicator(actor=self.actor, **self.validated(NewIndicator))
        say_refusal(indicator)
        return self.respond(indicator, 201, {"Location": f"/api/v1/slis/{indicator.slug}/"})

    @extend_schema(
        request={"application/json": NewSamples, "text/csv": OpenApiTypes.STR}, responses={202: FileRecordedShown}
    )
    @action(detail=True, methods=["post"], parser_classes=[StrictJSON, CsvBody])
    def samples(self, request: Request, slug: str) -> Response:
        """Set measurements, as JSON or CSV, before this answers; sending again changes nothing."""
        if isinstance(request.data, CsvFile):
            return Response(file_shown(self.get_object(), request.data, self.actor, timezone.now()), status=202)
        outcome = operations.record_samples(
            self.get_object(), actor=self.actor, at=timezone.now(), **self.validated(NewSamples)
        )
        return Response(RecordedShown(outcome).data, status=202)

    @extend_schema(request=NewMeasurers, responses=IndicatorShown)
    @action(detail=True, methods=["post"])
    def measurers(self, request: Request, slug: str) -> Response:
        """Name everybody who sends measurements from now on."""
        named = self.validated(NewMeasurers)["measurers"]
        operations.name_measurers(self.get_object(), actor=self.actor, accounts=named, at=timezone.now())
        return self.respond(self.get_object())


def say_refusal(indicator: Any) -> None:
    indicator.address_refused = refusal_of(address_of(indicator))
