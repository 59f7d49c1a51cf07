"""Shapes of indicators, objectives and budgets in REST."""

from decimal import Decimal

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.api.fields import ServiceField
from catalog.models import slug_shape
from itsm.api import fields
from itsm.api.serializers import Shown, Strict
from slo.engine.windows import LONGEST_WINDOW_DAYS, SHORTEST_WINDOW_DAYS, WINDOWS, cautions
from slo.models import Budget, Indicator, Objective

_RATIO = {"type": "string", "format": "decimal", "example": "0.998204000"}


class NewIndicator(Strict):
    slug = fields.Text(max_length=63, validators=[slug_shape])
    name = fields.Text(max_length=120, required=False)
    source = serializers.ChoiceField(choices=Indicator.Source.choices)  # type: ignore[assignment]
    server_url = fields.Text(max_length=300, required=False)
    good_query = fields.Text(max_length=4000, required=False)
    total_query = fields.Text(max_length=4000, required=False)


class IndicatorOfObjective(NewIndicator):
    """An indicator to create, or one that is there: then its slug is enough."""

    source = serializers.ChoiceField(choices=Indicator.Source.choices, required=False)


class ObjectiveEditing(Strict):
    name = fields.Text(max_length=120, required=False)
    target = fields.Ratio(max_digits=10, required=False)
    window_days = fields.Whole(min_value=SHORTEST_WINDOW_DAYS, max_value=LONGEST_WINDOW_DAYS, required=False)
    gating = fields.YesNo(required=False)
    indicator = IndicatorOfObjective(required=False)


class NewObjective(Strict):
    slug = fields.Text(max_length=63, validators=[slug_shape])
    name = fields.Text(max_length=120)
    service = ServiceField()
    environment = fields.Text(max_length=63, validators=[slug_shape], default="production")
    target = fields.Ratio(max_digits=10)
    window_days = fields.Whole(min_value=SHORTEST_WINDOW_DAYS, max_value=LONGEST_WINDOW_DAYS, default=28)
    gating = fields.YesNo(default=True)
    indicator = IndicatorOfObjective()


class Nothing(Strict):
    """A step that needs no words."""


class IndicatorShown(Shown):
    class Meta:
        model = Indicator
        fields = (
            "slug", "name", "source", "server_url", "good_query", "total_query", "last_pull_at", "last_error",
            "created_at", "version",
        )  # fmt: skip


class ObjectiveShown(Shown):
    service = ServiceField(read_only=True)
    indicator = IndicatorShown(read_only=True)
    target = serializers.SerializerMethodField()
    objective_version = serializers.IntegerField(source="terms_version")
    state = serializers.CharField(source="budget.state")
    cautions = serializers.SerializerMethodField()

    class Meta:
        model = Objective
        fields = (
            "slug", "name", "service", "environment", "target", "window_days", "gating", "indicator",
            "objective_version", "state", "cautions", "created_at", "version",
        )  # fmt: skip

    @extend_schema_field(_RATIO)
    def get_target(self, objective: Objective) -> str:
        """As short as it is exact."""
        return f"{objective.target.normalize():f}"

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_cautions(self, objective: Objective) -> list[str]:
        """Why this objective may not be guarded as expected; usually empty."""
        return [caution.value for caution in cautions(objective.error_budget_ppb, objective.window_days)]


class BudgetShown(serializers.Serializer[Budget]):
    """A budget as last evaluated. Ratios are decimal strings; "0" where there was no traffic; never null."""

    state = serializers.CharField()
    remaining = serializers.SerializerMethodField()
    consumed = serializers.SerializerMethodField()
    burn = serializers.SerializerMethodField()
    flags = serializers.ListField(child=serializers.CharField())
    coverage = serializers.SerializerMethodField()
    watermark = fields.Instant()
    objective_version = serializers.IntegerField(source="terms_version")

    @extend_schema_field(_RATIO)
    def get_remaining(self, budget: Budget) -> str:
        return _ratio(budget.remaining)

    @extend_schema_field(_RATIO)
    def get_consumed(self, budget: Budget) -> str:
        return _ratio(1 - budget.remaining, budget.total_in_window)

    @extend_schema_field({"type": "object", "properties": dict.fromkeys(WINDOWS, _RATIO)})
    def get_burn(self, budget: Budget) -> dict[str, str]:
        return {name: _ratio(burn, total) for name, burn, total in zip(WINDOWS, budget.burn, budget.total, strict=True)}

    @extend_schema_field(_RATIO)
    def get_coverage(self, budget: Budget) -> str:
        return _ratio(budget.coverage)


def _ratio(value: Decimal, traffic: int = 1) -> str:
    return f"{value:.9f}" if traffic else "0"
