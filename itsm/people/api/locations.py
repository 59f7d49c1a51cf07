"""Locations over REST: where people work."""

from typing import ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import operations, permissions, scopes
from itsm.accounts.models import Location
from itsm.accounts.queries.places import locations
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.people import LocationField
from itsm.api.permissions import Entry
from itsm.api.serializers import Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable

_KEEP = Entry(permissions.people_keepers, scopes.PEOPLE_WRITE)


class LocationEditing(Strict):
    """`parent`: what it lies in; `retired`: it takes nobody new."""

    name = fields.Text(max_length=100, required=False)
    parent = LocationField(required=False, allow_null=True)  # type: ignore[assignment]  # a field of this name
    time_zone = fields.Text(max_length=64, allow_blank=True, required=False)
    retired = fields.YesNo(required=False)


class NewLocation(Strict):
    slug = fields.Text(max_length=63)
    name = fields.Text(max_length=100)
    parent = LocationField(required=False, allow_null=True, default=None)  # type: ignore[assignment]
    time_zone = fields.Text(max_length=64, allow_blank=True, default="")


class LocationShown(Shown):
    """A place; `people`: how many active ones work right there, `time_zone`: empty for that of the parent."""

    parent = LocationField(read_only=True, allow_null=True)  # type: ignore[assignment]
    people = serializers.IntegerField(source="size", read_only=True)
    retired_at = fields.Instant(allow_null=True)
    url = serializers.CharField(source="get_absolute_url")

    class Meta:
        model = Location
        fields = ("slug", "name", "parent", "time_zone", "people", "retired_at", "version", "url")


class LocationViewSet(Readable):
    """Where people work. Keyed by slug."""

    policy: ClassVar = {
        **dict.fromkeys(("list", "retrieve"), Entry(permissions.colleagues)),
        **dict.fromkeys(("create", "partial_update"), _KEEP),
    }
    serializer_class = LocationShown
    lookup_field = "slug"
    lookup_value_regex = "[a-z0-9-]{1,63}"

    def visible_rows(self) -> QuerySet[Location]:
        return locations().order_by()

    def _fresh(self, location: Location) -> Location:
        return self.visible_rows().get(pk=location.pk)

    @extend_schema(request=NewLocation, responses={201: LocationShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        made = operations.add_location(actor=self.actor, **self.validated(NewLocation))
        return self.respond(self._fresh(made), 201, {"Location": f"/api/v1/locations/{made.slug}/"})

    @extend_schema(request=LocationEditing)
    def partial_update(self, request: Request, slug: str) -> Response:
        said = self.validated(LocationEditing)
        version = version_read(request)
        return self.respond(
            self._fresh(operations.edit_location(self.get_object(), actor=self.actor, version=version, **said))
        )
