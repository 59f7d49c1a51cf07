"""Values of typed fields in bodies of REST: an object by key."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from itsm.fields import queries, values
from itsm.fields.queries import Names

_MOST_KEYS = 200


@extend_schema_field({"type": "object", "additionalProperties": True})
class AttributesField(serializers.Field[dict[str, Any], Any, Any, Any]):
    """Values by key; null takes one away, and what is not named stays. `/api/v1/fields/` says which there are."""

    default_error_messages = {
        "invalid": _("Send an object: the key of each field with its value."),
        "too_many": _("There are not so many fields."),
    }

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            self.fail("invalid")
        if len(data) > _MOST_KEYS:
            self.fail("too_many")
        return {key: format(value, "f") if isinstance(value, Decimal) else value for key, value in data.items()}

    def to_representation(self, value: dict[str, Any]) -> dict[str, Any]:
        return value


def shown_attributes(
    serializer: serializers.BaseSerializer[Any], owner: str, record: Any, *, works_here: bool
) -> dict[str, Any]:
    """The live fields of a record that the reader may see; names are read once for all records of the answer."""
    actor = serializer.context["view"].actor
    fields = queries.seen(owner, actor, works_here=works_here)
    context: Any = serializer.context
    names = context.get(f"names of {owner}")
    if names is None:
        many = serializer.parent.instance if isinstance(serializer.parent, serializers.ListSerializer) else None
        records: Sequence[Any] = many if isinstance(many, list | tuple) else [record]
        names = Names(actor, queries.live(owner, actor), [one.attributes for one in records])
        if many is not None:
            context[f"names of {owner}"] = names
    return values.for_rest(fields, record.attributes, names)
