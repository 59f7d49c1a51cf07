"""Measurements in REST: up to 10,000 at a time, so the shape is checked by hand and not by nested serializers."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from itsm.api import fields
from itsm.api.serializers import Strict
from slo.engine.samples import MAX_SAMPLES, RejectedSample, Sample, Value
from slo.measuring.operations import Recorded
from slo.measuring.operations.rejection_messages import SENTENCES

_COUNTS = {"minute", "good", "total"}
_VALUE = {"minute", "value"}
_MAX_ERRORS = 20
_NONE = Sample(datetime.max.replace(tzinfo=UTC), 0, 0)  # stands in for a sample of the wrong shape


@extend_schema_field(
    {
        "type": "array",
        "maxItems": MAX_SAMPLES,
        "items": {
            "type": "object",
            "required": ["minute"],
            "properties": {
                "minute": {"type": "string", "format": "date-time"},
                # No least: what is below zero refuses its sample alone, and speaks against the measurements.
                "good": {"type": "number", "description": "Not below 0, not above total."},
                "total": {"type": "number", "description": "Not below 0."},
                "value": {"type": "number", "description": "Instead of good and total, where values are measured."},
            },
        },
    }
)
class SamplesField(serializers.Field[list[Sample | Value], Any, Any, Any]):
    """A list of {minute, good, total}, or of {minute, value}.

    A wrong type anywhere refuses the batch; a wrong value refuses its sample.
    """

    default_error_messages = {
        "list": _("Send a list of samples."),
        "many": _("Send at most 10,000 samples at a time."),
        "object": _("Send an object with exactly minute, good and total, or minute and value."),
        "number": _("Send a JSON number."),
    }
    _instant = fields.Instant()

    def to_internal_value(self, data: Any) -> list[Sample | Value]:
        if not isinstance(data, list):
            self.fail("list")
        if len(data) > MAX_SAMPLES:
            self.fail("many")
        errors: dict[str, Any] = {}
        samples = [self._sample(item, str(index), errors) for index, item in enumerate(data)]
        if errors:
            raise serializers.ValidationError(errors)
        return samples

    def _sample(self, item: Any, index: str, errors: dict[str, Any]) -> Sample | Value:
        try:
            if not isinstance(item, dict) or item.keys() not in (_COUNTS, _VALUE):
                self.fail("object")
            if "value" in item:
                return Value(self._minute(item["minute"]), Decimal(self._count(item["value"])))
            return Sample(self._minute(item["minute"]), self._count(item["good"]), self._count(item["total"]))
        except serializers.ValidationError as error:
            if len(errors) < _MAX_ERRORS:
                errors[index] = error.detail
            return _NONE

    def _minute(self, value: Any) -> datetime:
        return self._instant.to_internal_value(value)

    def _count(self, value: Any) -> int | Decimal:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            self.fail("number")
        return value

    def to_representation(self, value: Any) -> Any:
        raise NotImplementedError("Samples are written, never read back.")


class NewSamples(Strict):
    samples = SamplesField()


class RefusalShown(serializers.Serializer[RejectedSample]):
    """Which sample was refused, and why."""

    index = serializers.IntegerField()
    minute = fields.Instant()
    reason = serializers.CharField()
    detail = serializers.SerializerMethodField()

    def get_detail(self, refusal: RejectedSample) -> str:
        return str(SENTENCES[refusal.reason])


class RecordedShown(serializers.Serializer[Recorded]):
    """What became of a batch: applied when this is read."""

    accepted = serializers.IntegerField()
    refused = RefusalShown(many=True)
    waiting = serializers.IntegerField(help_text="Better than what was recorded: another person approves them first.")
    quarantined = serializers.IntegerField(help_text="Far more than the usual traffic: counted once a person says so.")
    confirmation = serializers.CharField(help_text="What waits for another person; empty where nothing does.")
    detail = serializers.SerializerMethodField(help_text="Why something waits or does not count; empty where all does.")

    def get_detail(self, outcome: Recorded) -> str:
        held = []
        if outcome.waiting:
            held.append(
                _(
                    "%(waiting)d of these minutes would turn out better than what was recorded: another person, "
                    "without an interest in an open change, confirms that first (%(confirmation)s)."
                )
                % {"waiting": outcome.waiting, "confirmation": outcome.confirmation}
            )
        if outcome.quarantined:
            held.append(
                _(
                    "%(quarantined)d of these minutes have far more than the usual traffic: they are shown, and "
                    "counted once a person releases them."
                )
                % {"quarantined": outcome.quarantined}
            )
        return " ".join(held)
