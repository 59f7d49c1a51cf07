"""Base serializers: explicit fields, unknown ones refused, strict types by default."""

from copy import copy, deepcopy
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from rest_framework import serializers

from itsm.api import fields

_HOLD_FIELDS = (serializers.BaseSerializer, serializers.ListField, serializers.DictField)


def _is_leaf(field: serializers.Field[Any, Any, Any, Any]) -> bool:
    return not isinstance(field, _HOLD_FIELDS)


class Strict(serializers.Serializer[Any]):
    """Input: what is not listed is refused, not ignored."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """A copy of each declared field; what holds no other field need not be built anew for every request."""
        return {
            name: copy(field) if _is_leaf(field) else deepcopy(field) for name, field in self._declared_fields.items()
        }

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = sorted(str(name) for name in set(data) - set(self.fields))
            if unknown:
                known = ", ".join(sorted(name for name, field in self.fields.items() if not field.read_only))
                said = (
                    _("Unknown field; known are %(known)s.") % {"known": known} if known else _("Send no fields here.")
                )
                raise serializers.ValidationError({name[:80]: [said] for name in unknown[:20]})
        return super().to_internal_value(data)


class Shown(serializers.ModelSerializer[Any]):
    """Output: a model's listed fields, nothing writable."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateTimeField: fields.Instant,
    }

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        found = super().get_fields()
        for field in found.values():
            field.read_only = True
        return found


class Nothing(Strict):
    """Needs no words."""
