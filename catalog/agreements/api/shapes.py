"""What is sent and shown of agreements."""

from typing import Any

from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.agreements import queries
from catalog.agreements.api.fields import OfferingField
from catalog.agreements.models import CHANNELS, HOLD_REASONS, TOLD, Agreement, AgreementVersion
from catalog.agreements.queries import Behind
from catalog.services.api.fields import ServiceField
from itsm.api import fields
from itsm.api.calendars import CalendarField
from itsm.api.people import TeamField
from itsm.api.serializers import Shown, Strict

_CHANNELS = f"one of {', '.join(CHANNELS)}; empty for any"


@extend_schema_field({"oneOf": [{"type": "integer", "minimum": 1, "maximum": 525_600}, {"type": "string"}]})
class TargetField(serializers.Field[Any, Any, Any, Any]):
    """Minutes, or a text such as "4 h". Days are refused: which day is meant?"""

    def to_internal_value(self, data: Any) -> int | str:
        if isinstance(data, bool) or not isinstance(data, int | str) or (isinstance(data, str) and len(data) > 40):
            raise serializers.ValidationError(gettext('Send minutes, or a text such as "4 h".'))
        return data


class TargetsSent(Strict):
    first_response = TargetField(required=False)
    update = TargetField(required=False)  # type: ignore[assignment]
    resolve = TargetField(required=False)
    fulfil = TargetField(required=False)


class LevelSent(Strict):
    """So many counted minutes after the due: who is told, and where it goes."""

    after_minutes = fields.Whole(min_value=1, max_value=525_600)
    tell = serializers.ListField(child=fields.Choice(choices=TOLD), max_length=3, default=list)
    raise_to = fields.Text(max_length=63, allow_blank=True, default="", help_text="slug of a team")


class AgreementEditing(Strict):
    name = fields.Text(max_length=80, required=False)
    agreement_type = fields.Choice(choices=Agreement.Type.choices, required=False)
    party = fields.Text(max_length=120, allow_blank=True, required=False)
    position = fields.Whole(min_value=0, max_value=32_000, required=False)
    service = ServiceField(required=False, allow_null=True)
    offering = OfferingField(required=False, allow_null=True)
    tier = fields.Whole(min_value=1, max_value=4, required=False, allow_null=True)
    team = TeamField(required=False, allow_null=True)
    priority = fields.Whole(min_value=1, max_value=5, required=False, allow_null=True)
    category = fields.Text(max_length=200, allow_blank=True, required=False)
    channel = fields.Text(max_length=10, allow_blank=True, required=False, help_text=_CHANNELS)
    calendar = CalendarField(required=False, allow_null=True)
    valid_from = fields.Instant(required=False, allow_null=True)
    valid_until = fields.Instant(required=False, allow_null=True)
    targets = TargetsSent(required=False)
    availability = fields.Ratio(required=False, allow_null=True)
    pauses = serializers.ListField(child=fields.Choice(choices=HOLD_REASONS), max_length=5, required=False)
    warn = serializers.ListField(child=fields.Whole(min_value=1, max_value=99), max_length=5, required=False)
    on_reopen = fields.Choice(choices=AgreementVersion.OnReopen.values, required=False)
    levels = serializers.ListField(child=LevelSent(), max_length=9, required=False)


class NewAgreement(AgreementEditing):
    name = fields.Text(max_length=80)
    targets = TargetsSent()


class SubjectSent(Strict):
    """What is known of a record; what is left out is not known."""

    service = ServiceField(required=False, allow_null=True)
    offering = OfferingField(required=False, allow_null=True)
    team = TeamField(required=False, allow_null=True)
    priority = fields.Whole(min_value=1, max_value=5, required=False, allow_null=True)
    category = fields.Text(max_length=200, allow_blank=True, default="")
    channel = fields.Text(max_length=10, allow_blank=True, default="", help_text=_CHANNELS)


class TracedShown(serializers.Serializer[Any]):
    agreement = serializers.CharField()
    id = serializers.IntegerField()
    holds = serializers.BooleanField()
    why_not = serializers.CharField(allow_blank=True)


class MatchShown(serializers.Serializer[Any]):
    agreement = serializers.CharField(allow_null=True, help_text="null: none; clocks run without targets")
    trace = TracedShown(many=True)


class TargetsShown(serializers.Serializer[Any]):
    first_response = serializers.IntegerField(required=False)
    update = serializers.IntegerField(required=False)  # type: ignore[assignment]
    resolve = serializers.IntegerField(required=False)
    fulfil = serializers.IntegerField(required=False)


class BehindShown(serializers.Serializer[Any]):
    """Of one metric: what is promised, and the minutes that what stands behind it takes, one after the other."""

    metric = serializers.CharField()
    promised_minutes = serializers.IntegerField(source="promised")
    behind_minutes = serializers.IntegerField(source="total")
    is_too_long = serializers.BooleanField()
    agreements = serializers.SerializerMethodField()

    def get_agreements(self, behind: Behind) -> list[str]:
        """By name."""
        return [name for name, _minutes in behind.parts]


class LevelShown(serializers.Serializer[Any]):
    after_minutes = serializers.IntegerField()
    tell = serializers.ListField(child=serializers.CharField())
    raise_to = serializers.CharField(allow_blank=True)


class AgreementShown(Shown):
    service = ServiceField(read_only=True)
    team = TeamField(read_only=True)
    calendar = serializers.SerializerMethodField()
    offering = OfferingField(read_only=True)
    targets = serializers.SerializerMethodField()
    availability = serializers.SerializerMethodField()
    behind = serializers.SerializerMethodField()
    pauses = serializers.SerializerMethodField()
    warn = serializers.SerializerMethodField()
    on_reopen = serializers.SerializerMethodField()
    levels = serializers.SerializerMethodField()
    url = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = Agreement
        fields = (
            "id", "name", "agreement_type", "party", "position", "service", "offering", "tier", "team", "priority",
            "category", "channel", "valid_from", "valid_until", "number", "calendar", "targets", "availability",
            "behind", "pauses", "warn", "on_reopen", "levels", "retired_at", "version", "url",
        )  # fmt: skip

    def get_calendar(self, agreement: Agreement) -> int | None:
        return queries.newest_version(agreement).calendar_id

    @extend_schema_field(TargetsShown())
    def get_targets(self, agreement: Agreement) -> Any:
        """Minutes by metric."""
        return queries.newest_version(agreement).targets

    @extend_schema_field({"type": ["string", "null"], "pattern": f"^{fields.RATIO}$", "example": "0.995"})
    def get_availability(self, agreement: Agreement) -> str | None:
        """A share; null: none is promised."""
        share = queries.newest_version(agreement).availability
        return None if share is None else f"{share.normalize():f}"

    @extend_schema_field(BehindShown(many=True))
    def get_behind(self, agreement: Agreement) -> Any:
        """Of each metric that others stand behind: whether they may take longer than is promised."""
        found = queries.standing_behind(agreement, self.context["all"](), self.context["at"])
        return BehindShown(found, many=True).data

    def get_pauses(self, agreement: Agreement) -> list[str]:
        return list(queries.newest_version(agreement).pauses)

    def get_warn(self, agreement: Agreement) -> list[int]:
        return list(queries.newest_version(agreement).warn)

    def get_on_reopen(self, agreement: Agreement) -> str:
        return queries.newest_version(agreement).on_reopen

    @extend_schema_field(LevelShown(many=True))
    def get_levels(self, agreement: Agreement) -> Any:
        return queries.newest_version(agreement).levels
