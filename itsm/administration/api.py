"""Settings over REST: administrators alone."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import scopes
from itsm.accounts.permissions import administrators
from itsm.administration import operations
from itsm.api import fields
from itsm.api.permissions import Entry
from itsm.api.routing import Router
from itsm.api.serializers import Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable
from itsm.approvals.api.viewsets import AwaitingShown, awaiting
from itsm.configuration.known import BY_NAME
from itsm.configuration.models import Setting
from itsm.kernel.actors import Actor

_VALUE = {
    "oneOf": [
        {"type": "array", "items": {"type": "string"}}, {"type": "string"}, {"type": "integer"}, {"type": "boolean"},
    ]
}  # fmt: skip


@extend_schema_field(_VALUE)
class ValueField(serializers.JSONField):
    """What fits the setting: a list of words, a text, a number or a boolean; null takes the default again."""


class SettingEditing(Strict):
    value = ValueField(allow_null=True)
    confirm = fields.YesNo(default=False, help_text="that more may be reached or trusted is meant")


class SettingShown(Shown):
    value = ValueField(source="effective")
    default = ValueField()
    source = serializers.SerializerMethodField(help_text="desk; or variable, where it comes from one")  # type: ignore[assignment]
    variable = serializers.CharField(source="known.variable")
    description = serializers.SerializerMethodField()

    class Meta:
        model = Setting
        fields = ("name", "value", "default", "source", "variable", "description", "version")

    @extend_schema_field(OpenApiTypes.STR)
    def get_source(self, setting: Setting) -> str:
        return "variable" if setting.value is None else "desk"

    @extend_schema_field(OpenApiTypes.STR)
    def get_description(self, setting: Setting) -> str:
        return f"{setting.known.label}. {setting.known.help}".strip()


def _administrating(actor: Actor, record: Any = None) -> bool:
    """Administrators; a program never changes what may be reached."""
    return administrators(actor) and (actor.is_human or actor.is_system)


class SettingViewSet(Readable):
    """What may be set without a restart. Keyed by name."""

    policy: ClassVar = {
        "list": Entry(administrators),
        "retrieve": Entry(administrators),
        "partial_update": Entry(_administrating, scopes.CHANGES_APPROVE),
    }
    serializer_class = SettingShown
    lookup_field = "name"
    lookup_value_regex = "[a-z_]{1,40}"

    def visible_rows(self) -> QuerySet[Setting]:
        return Setting.objects.filter(name__in=list(BY_NAME)).order_by()

    @extend_schema(request=SettingEditing, responses={200: SettingShown, 202: AwaitingShown})
    def partial_update(self, request: Request, name: str, **kwargs: Any) -> Response:
        """Set it; 202 where a second administrator confirms first."""
        said = self.validated(SettingEditing)
        kept = operations.set_setting(
            self.get_object(), said["value"], actor=self.actor, version=version_read(request), confirmed=said["confirm"]
        )
        return self.respond(kept) if kept.awaits is None else awaiting(kept.awaits)


def register(router: Router) -> None:
    router.register("settings", SettingViewSet, basename="setting")
