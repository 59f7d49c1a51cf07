"""The clocks of an incident over REST, each with why it is due then."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from incidents.incident import queries as incidents
from incidents.sla import queries
from itsm.accounts.permissions import staff
from itsm.api import fields
from itsm.api.filters import refuse_unknown
from itsm.api.permissions import Entry
from itsm.api.routing import Router
from itsm.api.serializers import Shown
from itsm.api.viewsets import Rows
from itsm.clocks.explain import why
from itsm.clocks.models import Clock
from itsm.clocks.reading import reading_of
from itsm.clocks.terms import Terms


class WhyShown(serializers.Serializer[Any]):
    begin = fields.Instant()
    end = fields.Instant(allow_null=True, help_text="null: an instant, or it goes on")
    what = serializers.CharField(
        help_text="counted, paused, off, target, recounted, stopped, void, to_come or due"
    )  # fmt: skip
    seconds = serializers.IntegerField(allow_null=True)
    text = serializers.CharField(allow_blank=True)


class ClockShown(Shown):
    target_minutes = serializers.SerializerMethodField()
    elapsed_minutes = serializers.SerializerMethodField(help_text="counted by its calendar, whole ones")
    outcome = serializers.SerializerMethodField()
    late_minutes = serializers.SerializerMethodField()
    agreement = serializers.SerializerMethodField()
    calendar = serializers.SerializerMethodField()
    why = serializers.SerializerMethodField()

    class Meta:
        model = Clock
        fields = (
            "name", "cycle", "state", "target_minutes", "elapsed_minutes", "due_at", "outcome", "outcome_at",
            "late_minutes", "by_change", "agreement", "calendar", "why",
        )  # fmt: skip

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_target_minutes(self, clock: Clock) -> int | None:
        return None if clock.target_s is None else clock.target_s // 60

    def get_elapsed_minutes(self, clock: Clock) -> int:
        if clock.running_since is None:
            return clock.counted_s // 60
        return reading_of(clock).elapsed(timezone.now()) // 60

    @extend_schema_field(serializers.ChoiceField(choices=Clock.Outcome.values, allow_null=True))
    def get_outcome(self, clock: Clock) -> str | None:
        """met or breached, once it has stopped."""
        return clock.outcome or None

    def get_late_minutes(self, clock: Clock) -> int:
        return clock.late_s // 60

    def get_agreement(self, clock: Clock) -> str:
        """As "Gold v4"; empty without one."""
        return Terms.from_json(clock.terms).agreement_label

    def get_calendar(self, clock: Clock) -> str:
        """As "Berlin v7"; empty where every second counts."""
        return Terms.from_json(clock.terms).calendar_label

    @extend_schema_field(WhyShown(many=True))
    def get_why(self, clock: Clock) -> Any:
        """What counted and what did not, row by row."""
        return WhyShown(why(clock, timezone.now()), many=True).data


class ClockViewSet(Rows):
    """Time to respond, to update and to resolve."""

    policy: ClassVar = {"list": Entry(staff)}
    serializer_class = ClockShown

    def visible_rows(self) -> QuerySet[Clock]:
        return queries.clocks_of(incidents.by_reference(self.actor, self.kwargs["number"]))

    def list(self, request: Any, number: str) -> Any:
        refuse_unknown(request.query_params, ())
        return self.get_paginated_response(
            self.get_serializer(self.paginate_queryset(self.get_queryset()), many=True).data
        )


def register(router: Router) -> None:
    router.register("incidents/(?P<number>[A-Za-z]{3}-[0-9]{1,12})/clocks", ClockViewSet, basename="incident-clock")
