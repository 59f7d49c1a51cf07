"""Shapes of indicators, objectives and budgets in REST."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.environments.api import EnvironmentNameField
from catalog.environments.queries import default
from catalog.services.api.fields import ServiceField
from itsm.api import fields
from itsm.api.serializers import Shown, Strict
from itsm.slugs import slug_shape
from slo.engine.samples import instant_of
from slo.engine.windows import LONGEST_WINDOW_DAYS, SHORTEST_WINDOW_DAYS, WINDOWS, cautions
from slo.measuring.api.serializers import IndicatorShown, NewIndicator
from slo.measuring.models import Indicator
from slo.measuring.vocabulary import BUDGET_BASES, METHODS, MISSING_SLICES, SLICE_LENGTHS
from slo.objectives.api.labels import Labels
from slo.objectives.models import Budget, Objective
from slo.objectives.queries.evaluate_at import BudgetSnapshot
from slo.objectives.queries.gating_budgets import marks_seen
from slo.objectives.queries.members import current_members, effective_budget_ppb

_INSTANT = {"type": "string", "format": "date-time"}
_RATIO = {"type": "string", "format": "decimal", "example": "0.998204000"}


class IndicatorOfObjective(NewIndicator):
    """An indicator to create, or one that is there: then its slug is enough."""

    source = fields.Choice(choices=Indicator.Source.choices, required=False)


class MemberOfObjective(Strict):
    """One indicator of a composite. Only occurrences read the target, only timeslices the target of a slice."""

    indicator = IndicatorOfObjective()
    target = fields.Ratio(max_digits=10, required=False)
    weight = fields.Ratio(max_digits=12, decimal_places=6, required=False)
    time_slice_target = fields.Ratio(max_digits=10, required=False, allow_null=True)


class CalendarWindow(Strict):
    """A window that starts anew each so many units, at midnight of the zone unless a start is given."""

    unit = fields.Choice(choices=Objective.Unit.choices)
    zone = fields.Text(max_length=60)
    count = fields.Whole(min_value=1, max_value=52, required=False)
    start = serializers.RegexField(
        r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$", max_length=19, required=False, allow_null=True
    )


class ObjectiveEditing(Strict):
    name = fields.Text(max_length=120, required=False)
    description = fields.Text(max_length=1050, required=False, allow_blank=True)
    target = fields.Ratio(max_digits=10, required=False)
    method = fields.Choice(choices=METHODS, required=False)
    time_slice_target = fields.Ratio(max_digits=10, required=False, allow_null=True)
    time_slice_minutes = fields.Choice(choices=SLICE_LENGTHS, required=False, allow_null=True)
    missing_slices = fields.Choice(choices=MISSING_SLICES, required=False)
    window_days = fields.Whole(min_value=SHORTEST_WINDOW_DAYS, max_value=LONGEST_WINDOW_DAYS, required=False)
    calendar = CalendarWindow(required=False, allow_null=True)
    budget_basis = fields.Choice(choices=BUDGET_BASES, required=False)
    gating = fields.YesNo(required=False)
    gates_from = fields.Instant(required=False, allow_null=True)
    alert_rows = serializers.ListField(child=fields.Text(max_length=10), max_length=4, required=False, allow_null=True)
    labels = Labels(required=False)
    indicator = IndicatorOfObjective(required=False)
    members = MemberOfObjective(many=True, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One way of saying what is measured, and one of saying the window."""
        if attrs.get("indicator") and attrs.get("members"):
            raise serializers.ValidationError({"members": [_("An objective has one indicator, or members.")]})
        if attrs.get("calendar") and "window_days" in attrs:
            raise serializers.ValidationError({"window_days": [_("A window is rolling, or by the calendar.")]})
        return attrs


class NewObjective(ObjectiveEditing):
    slug = fields.Text(max_length=63, validators=[slug_shape])
    name = fields.Text(max_length=120)
    service = ServiceField()
    environment = EnvironmentNameField(default=default)
    target = fields.Ratio(max_digits=10)
    gating = fields.YesNo(default=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs.get("indicator") and not attrs.get("members"):
            raise serializers.ValidationError({"indicator": [_("Say what is measured: an indicator, or members.")]})
        return super().validate(attrs)


class ObjectiveShown(Shown):
    service = ServiceField(read_only=True)
    indicator = IndicatorShown(read_only=True)
    members = serializers.SerializerMethodField()
    target = serializers.SerializerMethodField()
    time_slice_target = serializers.SerializerMethodField()
    calendar = serializers.SerializerMethodField()
    objective_version = serializers.IntegerField(source="terms_version")
    state = serializers.CharField(source="budget.state")
    gates_since = fields.Instant(source="budget.gates_since", read_only=True)
    measured_minutes = serializers.IntegerField(source="budget.measured_minutes", read_only=True)
    trust = serializers.DecimalField(source="budget.trust", max_digits=7, decimal_places=6, read_only=True)
    trust_marks = serializers.SerializerMethodField()
    cautions = serializers.SerializerMethodField()

    class Meta:
        model = Objective
        fields = (
            "slug", "name", "description", "service", "environment", "target", "method", "time_slice_target",
            "time_slice_minutes", "missing_slices", "window_days", "calendar", "budget_basis", "gating", "gates_from",
            "gates_since", "measured_minutes", "trust", "trust_marks", "alert_rows",
            "labels", "indicator", "members", "objective_version", "state", "cautions", "managed_by", "retired_at",
            "created_at", "version",
        )  # fmt: skip

    @extend_schema_field(_RATIO)
    def get_target(self, objective: Objective) -> str:
        """As short as it is exact."""
        return _short(objective.target)

    @extend_schema_field({**_RATIO, "nullable": True})
    def get_time_slice_target(self, objective: Objective) -> str | None:
        slice_target = objective.time_slice_target
        return None if slice_target is None else _short(slice_target)

    @extend_schema_field(CalendarWindow(allow_null=True))
    def get_calendar(self, objective: Objective) -> dict[str, Any] | None:
        """Null for a rolling window."""
        if objective.is_rolling:
            return None
        return {
            "unit": objective.calendar_unit,
            "zone": objective.calendar_zone,
            "count": objective.calendar_count,
            "start": objective.calendar_start or None,
        }

    @extend_schema_field({"type": "array", "items": {"type": "object"}})
    def get_members(self, objective: Objective) -> list[dict[str, Any]]:
        """What a composite evaluates together; empty for one indicator."""
        return [
            {
                "indicator": one.indicator.slug,
                "target": _short(one.target),
                "weight": _short(one.weight),
                "time_slice_target": None if one.time_slice_target is None else _short(one.time_slice_target),
            }
            for one in current_members(objective)
        ]

    @extend_schema_field(
        {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"mark": {"type": "string"}, "since": _INSTANT, "indicator": {"type": "string"}},
            },
        }
    )
    def get_trust_marks(self, objective: Objective) -> list[dict[str, Any]]:
        """What speaks against its measurements, the gravest first."""
        instant = fields.Instant().to_representation
        return [
            {"mark": one.mark, "since": instant(one.since), "indicator": one.indicator}
            for one in marks_seen(objective.budget.trust_marks)
        ]

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_cautions(self, objective: Objective) -> list[str]:
        """Why this objective may not be guarded as expected; usually empty."""
        most_burn = effective_budget_ppb(objective, current_members(objective))
        return [caution.value for caution in cautions(most_burn, objective.window_days)]


class BudgetShown(serializers.Serializer[Budget | BudgetSnapshot]):
    """A budget as last evaluated, or as it was at an instant.

    Ratios are decimal strings; "0" where there was no traffic; never null.
    """

    state = serializers.CharField()
    remaining = serializers.SerializerMethodField()
    consumed = serializers.SerializerMethodField()
    burn = serializers.SerializerMethodField()
    flags = serializers.ListField(child=serializers.CharField())
    coverage = serializers.SerializerMethodField()
    missing_minutes = serializers.IntegerField(source="missing")
    window = serializers.SerializerMethodField()
    watermark = fields.Instant()
    objective_version = serializers.IntegerField(source="terms_version")

    @extend_schema_field(_RATIO)
    def get_remaining(self, budget: Budget | BudgetSnapshot) -> str:
        return _ratio(budget.remaining)

    @extend_schema_field(_RATIO)
    def get_consumed(self, budget: Budget | BudgetSnapshot) -> str:
        return _ratio(1 - budget.remaining, budget.total_in_window)

    @extend_schema_field({"type": "object", "properties": dict.fromkeys(WINDOWS, _RATIO)})
    def get_burn(self, budget: Budget | BudgetSnapshot) -> dict[str, str]:
        return {name: _ratio(burn, total) for name, burn, total in zip(WINDOWS, budget.burn, budget.total, strict=True)}

    @extend_schema_field(_RATIO)
    def get_coverage(self, budget: Budget | BudgetSnapshot) -> str:
        return _ratio(budget.coverage)

    @extend_schema_field({"type": "object", "properties": dict.fromkeys(("from", "to"), _INSTANT)})
    def get_window(self, budget: Budget | BudgetSnapshot) -> dict[str, str]:
        """Half-open. A rolling window ends at the watermark, a calendar one at the end of its period."""
        instants = (instant_of(budget.window_first), instant_of(budget.window_last))
        return {name: fields.Instant().to_representation(at) for name, at in zip(("from", "to"), instants, strict=True)}


def _short(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _ratio(value: Decimal, traffic: int = 1) -> str:
    return f"{value:.9f}" if traffic else "0"
