"""Shapes of an allowance in REST."""

from rest_framework import serializers

from itsm.api import fields
from itsm.api.serializers import Shown, Strict
from slo.objectives.models import SelfMeasuring


class NewAllowance(Strict):
    """Why, and until when: then somebody looks at it again."""

    reason = fields.Text(max_length=2000)
    until = serializers.DateField()


class AllowanceShown(Shown):
    slo = serializers.CharField(source="objective.slug", read_only=True)
    reference = serializers.CharField(read_only=True)
    allowed_by = serializers.CharField(source="allowed_by.username", read_only=True)

    class Meta:
        model = SelfMeasuring
        fields = ("reference", "slo", "reason", "until", "allowed_by", "allowed_at", "ended_at", "version")
