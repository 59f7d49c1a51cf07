"""Shapes of a forecast, and of the "what if" that it answers."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers

from itsm.api import fields
from itsm.api.serializers import Strict
from slo.objectives.queries.what_if import Future, WhatIf

PACES = ("1h", "6h", "3d")
_SHARE = {"type": "string", "format": "decimal"}

ASKED = [
    OpenApiParameter("traffic", str, description="So many times the traffic from now on; 1."),
    OpenApiParameter("target", str, description="Another target, as though it had held all along."),
    OpenApiParameter("outage_minutes", int, description="An outage of so many minutes, beginning now; 0."),
    OpenApiParameter("outage_share", str, description="The share of events that fails in it; 1."),
    OpenApiParameter("pace", str, enum=PACES, description="It goes on burning as in this last stretch; 1h."),
]


class ForecastAsked(Strict):
    """Query parameters: texts, so the plain fields read them."""

    traffic = serializers.DecimalField(10, 3, min_value=Decimal(0), max_value=Decimal(1000), default=Decimal(1))
    target = serializers.DecimalField(10, 9, required=False)
    outage_minutes = serializers.IntegerField(min_value=0, max_value=527_040, default=0)
    outage_share = serializers.DecimalField(10, 6, min_value=Decimal(0), max_value=Decimal(1), default=Decimal(1))
    pace = fields.Choice(choices=PACES, default="1h")

    def validate_target(self, value: Decimal) -> Decimal:
        if not 0 < value < 1:
            raise serializers.ValidationError(_("A target lies between 0 and 1, both excluded."))
        return value


class FutureShown(serializers.Serializer[Future]):
    """Shares are decimal strings; minutes_to_exhaustion is null for never (in this period)."""

    remaining = serializers.SerializerMethodField()
    burn = serializers.SerializerMethodField()
    spent_by_outage = serializers.SerializerMethodField()
    minutes_to_exhaustion = serializers.IntegerField(source="minutes", allow_null=True)
    outages_left = serializers.IntegerField(allow_null=True)

    @extend_schema_field(_SHARE)
    def get_remaining(self, future: Future) -> str:
        return f"{future.remaining:.9f}"

    @extend_schema_field(_SHARE)
    def get_burn(self, future: Future) -> str:
        return f"{future.burn:.9f}"

    @extend_schema_field(_SHARE)
    def get_spent_by_outage(self, future: Future) -> str:
        return f"{future.spent_by_outage:.9f}"


class ForecastShown(serializers.Serializer[WhatIf]):
    """As it stands, as it would be, and the formulas in words."""

    now = FutureShown()
    then = FutureShown()
    formulas = serializers.ListField(child=serializers.CharField())
