"""Shapes of the catalog in REST."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.services.api.fields import service_called
from catalog.services.api.people import OwnerField
from catalog.services.models import Service
from catalog.services.operations import Reliance
from catalog.services.vocabulary import Tier
from itsm.api import fields
from itsm.api.people import TeamField
from itsm.api.serializers import Shown, Strict
from itsm.slugs import slug_shape


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "description": "slug of a service"},
            {
                "type": "object",
                "properties": {
                    "any_of": {"type": "array", "items": {"type": "string"}},
                    "needs": {"type": "integer", "minimum": 1},
                },
            },
        ]
    }
)
class RelianceField(serializers.Field[Any, Any, Any, Any]):
    """A service's slug, or {any_of: [slugs], needs: n} for redundancy."""

    default_error_messages = {
        "shape": _("Send a service's slug, or {{any_of: [slugs], needs: n}}."),
    }

    def to_internal_value(self, data: Any) -> Reliance:
        if isinstance(data, str):
            return {"any_of": [self._service(data)], "needs": 1}
        if not isinstance(data, dict) or set(data) - {"any_of", "needs"} or not isinstance(data.get("any_of"), list):
            self.fail("shape")
        needs = data.get("needs", 1)
        if isinstance(needs, bool) or not isinstance(needs, int) or not 1 <= len(data["any_of"]) <= 50:
            self.fail("shape")
        return {"any_of": [self._service(slug) for slug in data["any_of"]], "needs": needs}

    def _service(self, slug: Any) -> Service:
        if not isinstance(slug, str):
            self.fail("shape")
        return service_called(slug, self.context["view"].actor)


class ServiceEditing(Strict):
    name = fields.Text(max_length=120, required=False)
    tier = fields.Whole(min_value=min(Tier.values), max_value=max(Tier.values), required=False)
    team = TeamField(required=False, allow_null=True)
    owner = OwnerField(required=False, allow_null=True)
    description = fields.Text(max_length=4000, allow_blank=True, required=False)
    depends_on = serializers.ListField(child=RelianceField(), required=False, max_length=200)


class NewService(ServiceEditing):
    slug = fields.Text(max_length=63, validators=[slug_shape])
    name = fields.Text(max_length=120)
    tier = fields.Whole(min_value=min(Tier.values), max_value=max(Tier.values), default=Tier.SUPPORTING.value)
    standard_deployments = fields.YesNo(default=False)


class ServiceShown(Shown):
    team = TeamField(read_only=True)
    owner = OwnerField(read_only=True)
    depends_on = serializers.SerializerMethodField()

    class Meta:
        model = Service
        fields = (
            "slug", "name", "tier", "team", "owner", "needs_owner", "description", "depends_on", "created_at",
            "version",
        )  # fmt: skip

    @extend_schema_field(serializers.ListField(child=RelianceField()))
    def get_depends_on(self, service: Service) -> list[Any]:
        """As it is sent: slugs, and groups where n of m are enough."""
        plain: list[Any] = []
        groups: dict[str, dict[str, Any]] = {}
        for arrow in service.dependencies.all():
            if not arrow.redundancy:
                plain.append(arrow.on.slug)
            else:
                group = groups.setdefault(arrow.redundancy, {"any_of": [], "needs": arrow.needs})
                group["any_of"].append(arrow.on.slug)
        return [*plain, *groups.values()]
