"""Audiences in bodies: `["all"]`, `["staff"]`, or teams by slug, `["team:payments"]`."""

from typing import Any, cast

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from itsm.accounts import audiences
from itsm.accounts.models import Team

_TEAM = "team:"


@extend_schema_field({"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": audiences.MAX_TOKENS})
class AudienceField(serializers.Field[Any, Any, Any, Any]):
    """Who may see a thing beside those who work here. Teams are looked up among those that the caller sees."""

    default_error_messages = {
        "shape": _("Send a list: all, staff, or teams such as team:payments."),
        "team": _("There is no such team."),
    }

    def to_internal_value(self, data: Any) -> list[str]:
        if not isinstance(data, list) or not 1 <= len(data) <= audiences.MAX_TOKENS:
            self.fail("shape")
        return [self._token(one) for one in data]

    def _token(self, said: Any) -> str:
        if not isinstance(said, str) or (said not in (audiences.ALL, audiences.STAFF) and not said.startswith(_TEAM)):
            self.fail("shape")
        if not said.startswith(_TEAM):
            return said
        seen = Team.objects.visible_to(self.context["view"].actor).standing()
        found = seen.filter(slug=said.removeprefix(_TEAM)[:64]).first()
        if found is None:
            self.fail("team")
        return f"{_TEAM}{found.pk}"

    def to_representation(self, value: list[str]) -> list[str]:
        return [self._shown(token) for token in value]

    def _shown(self, token: str) -> str:
        if not token.startswith(_TEAM):
            return token
        return f"{_TEAM}{self._slugs().get(int(token.removeprefix(_TEAM)), '')}"

    def _slugs(self) -> dict[int, str]:
        """All teams once in an answer, and only where an audience names one."""
        context = cast(dict[str, Any], self.context)
        if "slugs of teams" not in context:
            context["slugs of teams"] = dict(Team.objects.order_by().values_list("pk", "slug"))
        return cast(dict[int, str], context["slugs of teams"])
