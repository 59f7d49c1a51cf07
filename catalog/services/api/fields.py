"""Services in bodies: by slug, looked up among what the caller may see."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.services.models import Service
from catalog.services.queries import called
from itsm.api.nearest import did_you_mean
from itsm.kernel.actors import Actor


def service_called(slug: Any, actor: Actor) -> Service:
    """The service of this slug among what this actor may see; ValidationError with near matches among the same."""
    service = called(slug, actor) if isinstance(slug, str) else None
    if service is None:
        seen = Service.objects.visible_to(actor)
        near = did_you_mean(str(slug), seen.values_list("slug", flat=True).order_by("slug"))
        raise serializers.ValidationError(_("There is no service called %(slug)s.") % {"slug": str(slug)[:64]} + near)
    return service


@extend_schema_field(OpenApiTypes.STR)
class ServiceField(serializers.Field[Any, Any, Any, Any]):
    """A service's slug."""

    def to_internal_value(self, data: Any) -> Service:
        return service_called(data, self.context["view"].actor)

    def to_representation(self, value: Service) -> str:
        return value.slug
