"""People and teams in bodies: by user name and slug."""

from typing import Any, cast

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from itsm.accounts.models import Location, Team, User
from itsm.accounts.queues import nameable_queues
from itsm.api.nearest import did_you_mean


@extend_schema_field(OpenApiTypes.STR)
class PersonField(serializers.Field[Any, Any, Any, Any]):
    """A person's user name."""

    default_error_messages = {"unknown": _("There is no account of this name.")}

    def to_internal_value(self, data: Any) -> User:
        user = self._known(data[:150]) if isinstance(data, str) else None
        if user is None:
            self.fail("unknown")
        return user

    def _known(self, name: str) -> User | None:
        """Looked up once for a body, however often it names the same one."""
        found: dict[str, User | None] = cast(dict[str, Any], self.context).setdefault("people", {})
        if name not in found:
            found[name] = User.objects.filter(username__iexact=name).first()
        return found[name]

    def to_representation(self, value: User) -> str:
        return value.username


@extend_schema_field(OpenApiTypes.STR)
class TeamField(serializers.Field[Any, Any, Any, Any]):
    """A team's slug, among those that the caller may see."""

    def to_internal_value(self, data: Any) -> Team:
        teams = Team.objects.visible_to(self.context["view"].actor)
        team = teams.filter(slug=data[:64]).first() if isinstance(data, str) else None
        if team is None:
            near = did_you_mean(str(data), teams.values_list("slug", flat=True).order_by("slug"))
            raise serializers.ValidationError(_("There is no such team.") + near)
        return team

    def to_representation(self, value: Team) -> str:
        return value.slug


@extend_schema_field(OpenApiTypes.STR)
class LocationField(serializers.Field[Any, Any, Any, Any]):
    """The slug of a place where people work."""

    def to_internal_value(self, data: Any) -> Location:
        places = Location.objects.all()
        found = places.filter(slug=data[:64].replace("\0", "")).first() if isinstance(data, str) else None
        if found is None:
            near = did_you_mean(str(data), places.values_list("slug", flat=True).order_by("slug"))
            raise serializers.ValidationError(_("There is no such location.") + near)
        return found

    def to_representation(self, value: Location) -> str:
        return value.slug


class QueueField(TeamField):
    """The slug of a queue, among those that the caller may name."""

    def to_internal_value(self, data: Any) -> Team:
        queues = nameable_queues(self.context["view"].actor)
        found = queues.filter(slug=data[:64].replace("\0", "")).first() if isinstance(data, str) else None
        if found is None:
            near = did_you_mean(str(data), queues.values_list("slug", flat=True).order_by("slug"))
            raise serializers.ValidationError(_("There is no such queue.") + near)
        return found
