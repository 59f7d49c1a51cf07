"""Entitlements in bodies: `{"token": "team:service-desk", "allow": true}`. Teams by slug, people by username."""

from typing import Any, cast

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from itsm.accounts.models import Team, User

_TABLES: dict[str, tuple[Any, str]] = {"team": (Team, "slug"), "user": (User, "username")}


@extend_schema_field({"type": "string", "maxLength": 160})
class TokenField(serializers.Field[Any, Any, Any, Any]):
    """Whom it means: all, staff, team:<slug>, user:<username>, role:<role>, location:<slug>."""

    default_error_messages = {
        "shape": _("Send all, staff, team:<slug>, user:<username>, role:<role> or location:<slug>."),
        "unknown": _("There is no such team or person."),
    }

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or len(data) > 160 or "\0" in data:
            self.fail("shape")
        kind, _colon, name = data.partition(":")
        if kind not in _TABLES:
            return data  # judged by the operation
        model, column = _TABLES[kind]
        found = model.objects.filter(**{column: name}).values_list("pk", flat=True).first()
        if found is None:
            self.fail("unknown")
        return f"{kind}:{found}"

    def to_representation(self, value: str) -> str:
        kind, _colon, key = value.partition(":")
        return f"{kind}:{self._names(kind).get(int(key), '')}" if kind in _TABLES else value

    def _names(self, kind: str) -> dict[int, str]:
        """All names of a kind once in an answer, and only where one is shown."""
        context = cast(dict[str, Any], self.context)
        if f"names of {kind}" not in context:
            model, column = _TABLES[kind]
            context[f"names of {kind}"] = dict(model.objects.order_by().values_list("pk", column))
        return cast(dict[int, str], context[f"names of {kind}"])
