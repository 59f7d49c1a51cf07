"""Samples in quarantine over REST: counting one evaluates budgets anew."""

from typing import ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.permissions import Entry
from itsm.api.serializers import Shown
from itsm.api.steps import draws_steps
from itsm.api.viewsets import Readable
from slo.measuring import permissions
from slo.measuring.filters import QuarantineFilter
from slo.measuring.models import QuarantinedSample
from slo.measuring.queries.measurers import quarantined
from slo.measuring.workflow import QUARANTINE


class QuarantinedShown(Shown):
    """A minute with far more than the usual traffic: shown, not counted, until a person says so."""

    sli = serializers.CharField(source="indicator.slug", read_only=True)
    minute = fields.Instant(source="at", read_only=True)
    good = serializers.DecimalField(source="good_events", max_digits=30, decimal_places=3, read_only=True)
    total = serializers.DecimalField(source="all_events", max_digits=30, decimal_places=3, read_only=True)
    usual = serializers.DecimalField(source="usual_events", max_digits=30, decimal_places=3, read_only=True)
    decided_by = serializers.CharField(source="decided_by.username", default=None, read_only=True)

    class Meta:
        model = QuarantinedSample
        fields = (
            "id", "sli", "minute", "good", "total", "usual", "why", "status", "arrived_at", "decided_by", "decided_at",
            "version",
        )  # fmt: skip


@draws_steps(QUARANTINE, record="a quarantined sample", scope=scopes.SLO_WRITE, who=permissions.measurer_namers)
class QuarantinedViewSet(Readable):
    """Minutes that are not believed yet."""

    policy: ClassVar = {
        "list": Entry(permissions.readers),
        "retrieve": Entry(permissions.readers),
    }
    serializer_class = QuarantinedShown
    filterset_class = QuarantineFilter
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[QuarantinedSample]:
        return quarantined(self.actor).order_by()
