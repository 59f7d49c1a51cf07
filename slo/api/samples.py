"""Measurements in REST: up to 10,000 at a time, so the shape is checked by hand and not by nested serializers."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from itsm.api import fields
from itsm.api.serializers import Strict
from slo.engine.samples import MOST_SAMPLES, Reason, Refusal, Sample
from slo.operations import Recorded

_KEYS = {"minute", "good", "total"}
_MOST_ERRORS = 20
_NONE = Sample(datetime.max.replace(tzinfo=UTC), 0, 0)  # stands in for a sample of the wrong shape

SENTENCES = {
    Reason.FUTURE: _("This minute has not begun yet."),
    Reason.TOO_OLD: _("This minute is older than any window."),
    Reason.NOT_A_MINUTE: _("A minute begins at second 0."),
    Reason.NEGATIVE: _("Counts are not negative."),
    Reason.GOOD_ABOVE_TOTAL: _("More good events than events."),
    Reason.TOO_LARGE: _("More than 10^9 events in a minute."),
    Reason.CONTRADICTED: _("The same minute came earlier in this batch with other values."),
}


@extend_schema_field(
    {
        "type": "array",
        "maxItems": MOST_SAMPLES,
        "items": {
            "type": "object",
            "required": sorted(_KEYS),
            "properties": {
                "minute": {"type": "string", "format": "date-time"},
                "good": {"type": "number", "minimum": 0},
                "total": {"type": "number", "minimum": 0},
            },
        },
    }
)
class SamplesField(serializers.Field[list[Sample], Any, Any, Any]):
    """A list of {minute, good, total}. A wrong type anywhere refuses the batch; a wrong value refuses its sample."""

    default_error_messages = {
        "list": _("Send a list of samples."),
        "many": _("Send at most 10,000 samples at a time."),
        "object": _("Send an object with exactly minute, good and total."),
        "number": _("Send a JSON number."),
    }
    _instant = fields.Instant()

    def to_internal_value(self, data: Any) -> list[Sample]:
        if not isinstance(data, list):
            self.fail("list")
        if len(data) > MOST_SAMPLES:
            self.fail("many")
        errors: dict[str, Any] = {}
        samples = [self._sample(item, str(index), errors) for index, item in enumerate(data)]
        if errors:
            raise serializers.ValidationError(errors)
        return samples

    def _sample(self, item: Any, index: str, errors: dict[str, Any]) -> Sample:
        try:
            if not isinstance(item, dict) or item.keys() != _KEYS:
                self.fail("object")
            return Sample(self._minute(item["minute"]), self._count(item["good"]), self._count(item["total"]))
        except serializers.ValidationError as error:
            if len(errors) < _MOST_ERRORS:
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


class RefusalShown(serializers.Serializer[Refusal]):
    """Which sample was refused, and why."""

    index = serializers.IntegerField()
    minute = fields.Instant()
    reason = serializers.CharField()
    detail = serializers.SerializerMethodField()

    def get_detail(self, refusal: Refusal) -> str:
        return str(SENTENCES[refusal.reason])


class RecordedShown(serializers.Serializer[Recorded]):
    """What became of a batch: applied when this is read."""

    accepted = serializers.IntegerField()
    refused = RefusalShown(many=True)
