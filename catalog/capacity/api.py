"""Measures over REST: points are pushed, forecasts are read."""

from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.capacity import operations, permissions, queries
from catalog.capacity.filters import MeasureFilter
from catalog.capacity.models import Forecast, Measure
from catalog.capacity.operations import Sent
from catalog.capacity.vocabulary import MAX_POINTS, Fold, Side, Step
from catalog.cmdb.api.fields import ItemField
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.filters import refuse_unknown
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.routing import Router
from itsm.api.serializers import Nothing, Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable
from itsm.kernel.errors import NotFound

_MAX_ERRORS = 20


@extend_schema_field({"type": "number"})
class Number(serializers.Field[float, Any, float, Any]):
    """A finite JSON number."""

    default_error_messages = {"number": gettext_lazy("Send a JSON number.")}

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool) or not isinstance(data, int | float | Decimal):
            self.fail("number")
        try:
            return float(data)
        except OverflowError:
            self.fail("number")

    def to_representation(self, value: float) -> float:
        return value


@extend_schema_field(
    {
        "type": "array",
        "minItems": 1,
        "maxItems": MAX_POINTS,
        "items": {
            "type": "object",
            "required": ["at", "value"],
            "properties": {"at": {"type": "string", "format": "date-time"}, "value": {"type": "number"}},
        },
    }
)
class PointsField(serializers.Field[list[Sent], Any, Any, Any]):
    """A list of {at, value}: five thousand need no serializer each."""

    default_error_messages = {
        "list": gettext_lazy("Send a list of points."),
        "many": gettext_lazy("Send at most 5,000 points at a time."),
        "object": gettext_lazy("Send an object with exactly at and value."),
    }
    _instant, _number = fields.Instant(), Number()

    def to_internal_value(self, data: Any) -> list[Sent]:
        if not isinstance(data, list):
            self.fail("list")
        if len(data) > MAX_POINTS:
            self.fail("many")
        found, errors = [], {}
        for place, one in enumerate(data):
            try:
                if not isinstance(one, dict) or one.keys() != {"at", "value"}:
                    self.fail("object")
                found.append(Sent(self._instant.run_validation(one["at"]), self._number.run_validation(one["value"])))
            except serializers.ValidationError as error:
                errors[str(place)] = error.detail
                if len(errors) >= _MAX_ERRORS:
                    break
        if errors:
            raise serializers.ValidationError(errors)
        return found


class NewPoints(Strict):
    points = PointsField()


class TakenShown(serializers.Serializer[Any]):
    created = serializers.IntegerField()
    replaced = serializers.IntegerField()
    unchanged = serializers.IntegerField()


class MeasureEditing(Strict):
    name = fields.Text(max_length=120, required=False)
    unit = fields.Text(max_length=20, allow_blank=True, required=False)
    limit = Number(required=False)
    side = fields.Choice(choices=Side.choices, required=False)
    step = fields.Choice(choices=Step.choices, required=False)
    season = fields.Choice(
        choices=[(1, "1"), (7, "7"), (24, "24")],
        required=False,
        help_text="steps after which it repeats itself; 1: not",
    )
    fold = fields.Choice(choices=Fold.choices, required=False)
    lead_days = fields.Whole(min_value=1, max_value=365, required=False)


class NewMeasure(MeasureEditing):
    ci = ItemField()
    name = fields.Text(max_length=120)
    limit = Number()


class MeasureShown(Shown):
    """`soonest`, `likely`, `latest`: when the newest forecast meets the limit; null: not in sight, or none was made."""

    ci = ItemField(read_only=True)
    soonest = serializers.DateTimeField(read_only=True, allow_null=True, default=None)
    likely = serializers.DateTimeField(read_only=True, allow_null=True, default=None)
    latest = serializers.DateTimeField(read_only=True, allow_null=True, default=None)

    class Meta:
        model = Measure
        fields = (
            "slug", "name", "ci", "unit", "limit", "side", "step", "season", "fold", "lead_days", "soonest", "likely",
            "latest", "retired_at", "version",
        )  # fmt: skip


class CapacityBandShown(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    low = serializers.FloatField()
    centre = serializers.FloatField()
    high = serializers.FloatField()
    stretched = serializers.BooleanField(help_text="wider by distance: too few past errors of this horizon")


class CapacityForecastShown(serializers.Serializer[Any]):
    """`held`: the share of past values within their bands. `too_little`: nothing can be said yet."""

    made_at = serializers.DateTimeField()
    limit = serializers.FloatField()
    points = serializers.IntegerField()
    too_little = serializers.BooleanField()
    soonest = serializers.DateTimeField(allow_null=True)
    likely = serializers.DateTimeField(allow_null=True)
    latest = serializers.DateTimeField(allow_null=True)
    held = serializers.FloatField(allow_null=True)
    bands = serializers.SerializerMethodField()

    @extend_schema_field(CapacityBandShown(many=True))
    def get_bands(self, forecast: Forecast) -> list[dict[str, Any]]:
        names = ("at", "low", "centre", "high", "stretched")
        return [dict(zip(names, band, strict=True)) for band in forecast.bands]


_READ = Entry(permissions.measure_readers)
_KEEP = Entry(permissions.measure_authors, scopes.CATALOG_WRITE, over=permissions.keepers)


class MeasureViewSet(Readable):
    """What is watched of items and may run out, the newest first. Keyed by slug."""

    policy: ClassVar = {
        "list": _READ,
        "retrieve": _READ,
        "forecast": _READ,
        "create": Entry(permissions.measure_authors, scopes.CATALOG_WRITE),
        "partial_update": _KEEP,
        "retire": _KEEP,
        "revive": _KEEP,
        "points": Entry(permissions.measure_authors, scopes.SAMPLES_WRITE, over=permissions.senders),
    }
    serializer_class = MeasureShown
    filterset_class = MeasureFilter
    lookup_field = "slug"
    lookup_value_regex = "[a-z0-9-]{1,63}"

    def visible_rows(self) -> QuerySet[Measure]:
        return queries.listed(self.actor)

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Lists are narrowed; one that is retired is still found by its name."""
        return super().filter_queryset(queryset) if self.action == "list" else queryset

    @extend_schema(request=NewMeasure, responses={201: MeasureShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        measure = operations.add_measure(actor=self.actor, **self.validated(NewMeasure))
        return self.respond(measure, 201, {"Location": f"/api/v1/measures/{measure.slug}/"})

    @extend_schema(request=MeasureEditing, responses={200: MeasureShown})
    def partial_update(self, request: Request, slug: str, **kwargs: Any) -> Response:
        said = self.validated(MeasureEditing)
        operations.edit_measure(self.get_object(), actor=self.actor, version=version_read(request), **said)
        return self.respond(self.get_object())

    @extend_schema(request=Nothing, responses={200: MeasureShown})
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, slug: str) -> Response:
        """It takes no points and is forecast no more."""
        self.validated(Nothing)
        operations.retire_measure(self.get_object(), actor=self.actor, version=version_read(request), at=timezone.now())
        return self.respond(self.get_object())

    @extend_schema(request=Nothing, responses={200: MeasureShown})
    @action(detail=True, methods=["post"])
    def revive(self, request: Request, slug: str) -> Response:
        """It is watched again."""
        self.validated(Nothing)
        operations.revive_measure(self.get_object(), actor=self.actor, version=version_read(request))
        return self.respond(self.get_object())

    @extend_schema(request=NewPoints, responses={200: TakenShown}, operation_id="measures_points")
    @action(detail=True, methods=["post"])
    def points(self, request: Request, slug: str) -> Response:
        """Set points, all or none; the same instant sent again replaces what was there."""
        said = self.validated(NewPoints)
        taken = operations.take_points(self.get_object(), said["points"], actor=self.actor, at=timezone.now())
        return Response(TakenShown(taken).data)

    @extend_schema(responses={200: CapacityForecastShown}, operation_id="measures_forecast")
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def forecast(self, request: Request, slug: str) -> Response:
        """The newest forecast, with its bands, nearest step first. 404 where none was made yet."""
        refuse_unknown(request.query_params, (), whole=True)
        found = queries.newest_forecast(self.get_object())
        if found is None:
            raise NotFound(gettext("No forecast was made yet: the first comes with the night."))
        return Response(CapacityForecastShown(found).data)


def register(router: Router) -> None:
    router.register("measures", MeasureViewSet, basename="measure")
