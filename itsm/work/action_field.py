"""Actions as REST takes and shows them, wherever they are sent: in bulk, in macros."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from itsm.work import actions


@extend_schema_field(
    {
        "type": "array",
        "minItems": 1,
        "maxItems": actions.MOST,
        "items": {
            "type": "object",
            "properties": {"kind": {"type": "string", "enum": list(actions.KINDS)}, "value": {}},
            "required": ["kind", "value"],
        },
    }
)
class ActionsField(serializers.Field[Any, Any, Any, Any]):
    """A list of actions: {"kind": "field", "value": {"priority": 2}}, {"kind": "assignee", "value": "me"} and so on."""

    def to_internal_value(self, data: Any) -> list[actions.Action]:
        return actions.parse(data)

    def to_representation(self, value: Any) -> Any:
        return value
