"""Labels of an objective: short names, each with one or several short values."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

MAX_LABELS = 40
_LONGEST_NAME, _LONGEST_VALUE = 63, 200


@extend_schema_field(
    {"type": "object", "additionalProperties": {"type": ["array", "string"], "items": {"type": "string"}}}
)
class Labels(serializers.Field[dict[str, list[str]], Any, Any, Any]):
    """{"team": ["payments"]}; a single text is taken as a list of one."""

    default_error_messages = {
        "shape": _("Send an object of names with a text, or a list of texts, each."),
        "many": _("At most 40 labels, names of 63 and values of 200 characters."),
    }

    def to_internal_value(self, data: Any) -> dict[str, list[str]]:
        if not isinstance(data, dict):
            self.fail("shape")
        found: dict[str, list[str]] = {}
        for name, value in data.items():
            values = [value] if isinstance(value, str) else value
            if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
                self.fail("shape")
            found[str(name)] = values
        if len(found) > MAX_LABELS or any(_is_too_long(name, values) for name, values in found.items()):
            self.fail("many")
        if any("\x00" in text for name, values in found.items() for text in (name, *values)):
            self.fail("shape")
        return found

    def to_representation(self, value: Any) -> Any:
        return value


def _is_too_long(name: str, values: list[str]) -> bool:
    return len(name) > _LONGEST_NAME or len(values) > MAX_LABELS or any(len(one) > _LONGEST_VALUE for one in values)
