"""A macro on an incident over REST: looked at, or done. An action that the viewset of incidents takes in."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.incident import permissions
from incidents.incident.api.serializers import IncidentShown
from incidents.incident.models import Incident
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.permissions import Entry
from itsm.api.serializers import Strict
from itsm.api.versions import version_read
from itsm.kernel.actors import Actor
from itsm.macros import operations

MACRO = Entry(permissions.responders, scopes.INCIDENTS_WRITE, over=permissions.workers)


class MacroNamed(Strict):
    """`macro`: its slug. `preview`: nothing is done, the answer says what would be. `macro_version`: refuse where the
    macro has changed since this version was read."""

    macro = fields.Text(max_length=63)
    preview = fields.YesNo(default=False)
    macro_version = fields.Whole(min_value=1, required=False)


class LineShown(serializers.Serializer[Any]):
    kind = serializers.CharField(source="action.kind")
    value = serializers.JSONField(source="action.value", allow_null=True)
    refused = serializers.CharField(allow_blank=True)


class MacroPreviewShown(serializers.Serializer[Any]):
    """What a macro would do, its texts filled in; `refused`: why it cannot, "" where it can."""

    macro = serializers.CharField()
    macro_version = serializers.IntegerField()
    actions = LineShown(many=True)
    refused = serializers.CharField(allow_blank=True)


class OnMacros:
    """Applying macros to one incident."""

    actor: Actor
    get_object: Any
    validated: Any
    respond: Callable[..., Response]

    @extend_schema(
        request=MacroNamed,
        responses={
            200: PolymorphicProxySerializer(
                "IncidentOrPreview", [IncidentShown, MacroPreviewShown], resource_type_field_name=None
            )
        },
        operation_id="incidents_macro",
    )
    @action(detail=True, methods=["post"])
    def macro(self, request: Request, number: str) -> Response:
        """Do all of a macro, in your own name and with your rights, or nothing of it."""
        incident, said = self.get_object(), self.validated(MacroNamed)
        found = operations.macro_named(self.actor, Incident.kind, said["macro"])
        if said["preview"]:
            looked = operations.preview_macro(found, incident, actor=self.actor)
            shown = {
                "macro": found.slug, "macro_version": found.version, "actions": looked.lines, "refused": looked.refused,
            }  # fmt: skip
            return Response(MacroPreviewShown(shown).data)
        done = operations.apply_macro(
            found, incident, actor=self.actor, version=version_read(request),
            macro_version=said.get("macro_version"),
        )  # fmt: skip
        return self.respond(done)
