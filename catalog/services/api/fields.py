"""Services and teams in bodies: by slug, looked up among what the caller may see."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.services.models import Service, slug_shape
from itsm.accounts.models import Team
from itsm.api import fields


@extend_schema_field(OpenApiTypes.STR)
class ServiceField(serializers.Field[Any, Any, Any, Any]):
    """A service's slug."""

    default_error_messages = {"unknown": _("There is no such service.")}

    def to_internal_value(self, data: Any) -> Service:
        rows = Service.objects.visible_to(self.context["view"].actor).select_related("team")
        service = rows.filter(slug=data[:64]).first() if isinstance(data, str) else None
        if service is None:
            self.fail("unknown")
        return service

    def to_representation(self, value: Service) -> str:
        return value.slug


@extend_schema_field(OpenApiTypes.STR)
class TeamField(serializers.Field[Any, Any, Any, Any]):
    """A team's slug."""

    default_error_messages = {"unknown": _("There is no such team.")}

    def to_internal_value(self, data: Any) -> Team:
        team = Team.objects.filter(slug=data[:64]).first() if isinstance(data, str) else None
        if team is None:
            self.fail("unknown")
        return team

    def to_representation(self, value: Team) -> str:
        return value.slug


class Environment(fields.Text):
    """The name of an environment, such as production."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=40, validators=[slug_shape], **options)
