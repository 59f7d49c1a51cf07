"""Base serializers: explicit fields, unknown ones refused, strict types by default."""

from collections import defaultdict, deque
from collections.abc import Mapping
from copy import copy, deepcopy
from functools import cache
from typing import Any, ClassVar, cast

from django.db import models
from django.utils.translation import gettext as _
from rest_framework import serializers

from itsm.api import fields
from itsm.api.nearest import did_you_mean

_HOLD_FIELDS = (
    serializers.BaseSerializer,
    serializers.ListField,
    serializers.DictField,
    serializers.ManyRelatedField,
)
_Fields = dict[str, serializers.Field[Any, Any, Any, Any]]
_built: dict[type[serializers.ModelSerializer[Any]], _Fields] = {}


def _copies(of: _Fields) -> _Fields:
    """A copy of each field; what holds no other field need not be built anew for every request."""
    return {name: deepcopy(one) if isinstance(one, _HOLD_FIELDS) else copy(one) for name, one in of.items()}


# Those that read no body now, of each kind; as many as ever read at once in this process.
_idle: defaultdict[type["Strict"], deque["Strict"]] = defaultdict(deque)
_OF_ONE_BODY = ("initial_data", "_context", "_validated_data", "_errors")


class Strict(serializers.Serializer[Any]):
    """Input: what is not listed is refused, not ignored."""

    def get_fields(self) -> _Fields:
        return _copies(self._declared_fields)

    def to_internal_value(self, data: Any) -> Any:
        unknown = self._unknown(data) if isinstance(data, dict) else {}
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if not unknown or not isinstance(error.detail, dict):
                raise
            raise serializers.ValidationError({**unknown, **error.detail}) from error
        if unknown:
            raise serializers.ValidationError(unknown)
        return value

    @classmethod
    def read_body(cls, body: Any, context: Mapping[str, Any]) -> dict[str, Any]:
        """The validated body, or a ValidationError that lists everything wrong with it.

        By one that an earlier body was read by: to build a serializer of many fields takes as long as to validate.
        """
        idle = _idle[cls]
        try:
            given = idle.pop()
        except IndexError:
            given = cls()
        given.initial_data, given._context = body, dict(context)
        try:
            given.is_valid(raise_exception=True)
            return dict(given.validated_data)
        finally:
            for name in _OF_ONE_BODY:
                vars(given).pop(name, None)
            idle.append(given)

    def _unknown(self, data: dict[Any, Any]) -> dict[str, list[str]]:
        """A sentence for each name that is no field: what was probably meant, and what is known."""
        if data.keys() <= self.fields.keys():
            return {}
        unknown = sorted(str(name) for name in set(data) - set(self.fields))
        known = sorted(name for name, field in self.fields.items() if not field.read_only)
        if not known:
            return {name[:80]: [_("Send no fields here.")] for name in unknown[:20]}
        words = _("Known are %(known)s.") % {"known": ", ".join(known)}
        return {name[:80]: [f"{_('Unknown field.')}{did_you_mean(name, known)} {words}"] for name in unknown[:20]}


class Nothing(Strict):
    """A step that needs no words."""


class Shown(serializers.ModelSerializer[Any]):
    """Output: a model's listed fields, nothing writable."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateTimeField: fields.Instant,
    }

    def get_fields(self) -> _Fields:
        """Django REST framework works out a model's fields for every answer; they are the same each time."""
        if type(self) not in _built:
            _built[type(self)] = super().get_fields()
        found, model = _copies(_built[type(self)]), cast(Any, self.Meta.model)
        for name, field in found.items():
            field.read_only = True
            field.allow_null = field.allow_null or _may_be_null(model, field.source or name)
        return found


class ShownByReader(Shown):
    """Output of which some readers are shown `for_everybody` only; the schema then requires no more."""

    for_everybody: ClassVar[frozenset[str]]


@cache
def _may_be_null(model: Any, source: str) -> bool:
    """Some column on the way to this attribute may be empty; for the schema, which says null where null is sent."""
    for name in source.split("."):
        column = next((one for one in model._meta.get_fields() if one.name == name), None)
        if column is None:
            return False
        if column.null:
            return True
        model = column.related_model
    return False
