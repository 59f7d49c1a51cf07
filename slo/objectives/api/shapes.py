"""Shapes of corrections and outage periods in REST."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from itsm.api import fields
from itsm.api.serializers import Shown, Strict
from slo.objectives.models import Correction, Objective, Outage, OutageCause
from slo.objectives.operations.corrections import Effect


class ObjectiveField(fields.Named):
    """The slug of an objective in force."""

    def __init__(self, **options: Any) -> None:
        if not options.get("read_only"):
            options["queryset"] = Objective.objects.in_force().select_related("service")
        super().__init__("slug", **options)


class NewCorrection(Strict):
    slo = ObjectiveField()
    category = fields.Choice(choices=Correction.Category.choices)
    starts_at = fields.Instant()
    ends_at = fields.Instant()
    reason = fields.Text(max_length=2000)
    expires_at = fields.Instant(required=False)


class CorrectionShown(Shown):
    slo = ObjectiveField(source="objective", read_only=True)
    reference = serializers.CharField(read_only=True)
    owner = serializers.CharField(source="owner_name", read_only=True)

    class Meta:
        model = Correction
        fields = (
            "id", "reference", "slo", "category", "starts_at", "ends_at", "reason", "origin", "status", "expires_at",
            "owner", "proposed_at", "decided_by", "decided_at", "remaining_before", "remaining_after", "version",
        )  # fmt: skip


class EffectShown(serializers.Serializer[Effect]):
    """What remains without the correction, and what would remain with it."""

    remaining_before = serializers.DecimalField(source="before.remaining", max_digits=20, decimal_places=9)
    remaining_after = serializers.DecimalField(source="after.remaining", max_digits=20, decimal_places=9)


class CauseShown(Shown):
    class Meta:
        model = OutageCause
        fields = ("reference", "title", "began_at", "score", "why", "verdict", "decided_by", "decided_at")


class DecidedCause(Strict):
    reference = fields.Text(max_length=20)
    verdict = fields.Choice(choices=OutageCause.Verdict.choices)


class OutageShown(Shown):
    slo = ObjectiveField(source="objective", read_only=True)
    counted = serializers.SerializerMethodField()
    causes = CauseShown(many=True, read_only=True)

    class Meta:
        model = Outage
        fields = ("id", "slo", "started_at", "ended_at", "minutes", "failed", "counted", "cost", "causes")

    @extend_schema_field({"type": "string", "enum": ["events", "slices"]})
    def get_counted(self, outage: Outage) -> str:
        """What `failed` counts."""
        return "events" if outage.objective.method == "occurrences" else "slices"
