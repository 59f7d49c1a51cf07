"""Shapes of the catalog in REST."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.services.api.fields import service_called
from catalog.services.api.people import OwnerField
from catalog.services.models import Service
from catalog.services.operations import Reliance
from catalog.services.vocabulary import ServiceState, ServiceType, Tier
from itsm.api import fields
from itsm.api.audiences import AudienceField
from itsm.api.people import TeamField
from itsm.api.serializers import ShownByReader, Strict
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
    service_type = fields.Choice(choices=ServiceType.choices, required=False)
    audience = AudienceField(required=False)
    team = TeamField(required=False, allow_null=True)
    support_team = TeamField(required=False, allow_null=True)
    owner = OwnerField(required=False, allow_null=True)
    description = fields.Text(max_length=4000, allow_blank=True, required=False)
    depends_on = serializers.ListField(child=RelianceField(), required=False, max_length=200)


class NewService(ServiceEditing):
    slug = fields.Text(max_length=63, validators=[slug_shape])
    name = fields.Text(max_length=120)
    tier = fields.Whole(min_value=min(Tier.values), max_value=max(Tier.values), default=Tier.SUPPORTING.value)
    standard_deployments = fields.YesNo(default=False)


class OfferedShown(serializers.Serializer[Any]):
    """What is asked for under this service, as its audience sees it."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)


class ServiceForRequester(ShownByReader):
    """What is there for who does not work here. Nothing else of a service is: no person, no team, no dependency."""

    for_everybody = frozenset({"slug", "name", "description", "state", "offerings"})

    state = serializers.SerializerMethodField()
    offerings = serializers.SerializerMethodField()

    class Meta:
        model = Service
        fields: tuple[str, ...] = ("slug", "name", "description", "state", "offerings")

    @extend_schema_field(fields.Choice(choices=ServiceState.choices))
    def get_state(self, service: Service) -> str:
        """Said by those who work here and by objectives that burn; `up`: nobody knows of trouble."""
        return str(self.context["troubled"]().get(service.pk, ServiceState.UP).value)

    @extend_schema_field(OfferedShown(many=True))
    def get_offerings(self, service: Service) -> Any:
        return OfferedShown(self.context["offered"](service.pk), many=True).data


class ServiceShown(ServiceForRequester):
    audience = AudienceField(read_only=True)
    team = TeamField(read_only=True)
    support_team = TeamField(read_only=True)
    owner = OwnerField(read_only=True)
    depends_on = serializers.SerializerMethodField()

    class Meta:
        model = Service
        fields = (
            "slug", "name", "description", "state", "offerings", "service_type", "tier", "audience", "team",
            "support_team", "owner", "needs_owner", "depends_on", "created_at", "version",
        )  # fmt: skip

    @extend_schema_field(serializers.ListField(child=RelianceField()))
    def get_depends_on(self, service: Service) -> list[Any]:
        """As it is sent: slugs, and groups where n of m are enough."""
        plain: list[Any] = []
        groups: dict[str, dict[str, Any]] = {}
        for arrow in self.context["depends_on"](service.pk):
            if not arrow.redundancy:
                plain.append(arrow.on_slug)
            else:
                group = groups.setdefault(arrow.redundancy, {"any_of": [], "needs": arrow.needs})
                group["any_of"].append(arrow.on_slug)
        return [*plain, *groups.values()]
