"""Announcements over REST: everybody reads what is said to them now, who announces writes."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.services.api.fields import ServiceField
from itsm.accounts import audiences, scopes
from itsm.accounts.permissions import anyone
from itsm.announcements import operations, permissions, queries
from itsm.announcements.models import MAX_BODY, MAX_TITLE, Announcement
from itsm.api import fields
from itsm.api.audiences import AudienceField
from itsm.api.filters import Listed
from itsm.api.idempotency import idempotent
from itsm.api.people import PersonField
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing, ShownByReader, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable


class AnnouncementEditing(Strict):
    """`kind`: news or maintenance; `audience`: who reads it; it holds in [starts_at, ends_at)."""

    title = fields.Text(max_length=MAX_TITLE, required=False)
    body = fields.Text(max_length=MAX_BODY, allow_blank=True, required=False)
    kind = fields.Choice(choices=Announcement.Kind.choices, source="kind_of", required=False)
    audience = AudienceField(required=False)
    service = ServiceField(required=False, allow_null=True)
    starts_at = fields.Instant(required=False)
    ends_at = fields.Instant(required=False)


class NewAnnouncement(AnnouncementEditing):
    title = fields.Text(max_length=MAX_TITLE)
    starts_at = fields.Instant()
    ends_at = fields.Instant()


class AnnouncementForReader(ShownByReader):
    """As everybody reads it; a service that they may not see is not named."""

    kind = fields.Choice(source="kind_of", choices=Announcement.Kind.choices)
    service = serializers.SerializerMethodField()
    url = fields.OurAddress(source="get_absolute_url")

    for_everybody = frozenset({"reference", "kind", "title", "body", "service", "starts_at", "ends_at", "url"})

    class Meta:
        model = Announcement
        fields: tuple[str, ...] = ("reference", "kind", "title", "body", "service", "starts_at", "ends_at", "url")

    def get_service(self, announcement: Announcement) -> str | None:
        """The slug of the service that it is about; null for none."""
        service = announcement.service
        seen = service is not None and audiences.sees(self.context["view"].actor, service.audience)
        return service.slug if service is not None and seen else None


class AnnouncementShown(AnnouncementForReader):
    """With what is for those who work here: the others lack these."""

    audience = AudienceField(read_only=True)
    written_by = PersonField(read_only=True)

    class Meta(AnnouncementForReader.Meta):
        fields = (
            *AnnouncementForReader.Meta.fields, "audience", "withdrawn_at", "written_by", "created_at", "version",
        )  # fmt: skip


class AnnouncementFilter(Listed):
    kind = django_filters.ChoiceFilter(field_name="kind_of", choices=Announcement.Kind.choices)

    class Meta:
        model = Announcement
        fields = ("kind",)


_WRITE = Entry(permissions.announcers, scopes.CATALOG_WRITE)


class AnnouncementViewSet(Readable):
    """What is said to many at once. Keyed by number (ANN-00001)."""

    policy: ClassVar = {
        "list": Entry(anyone),
        "retrieve": Entry(anyone),
        "create": _WRITE,
        "partial_update": _WRITE,
        "withdraw": _WRITE,
    }
    serializer_class = AnnouncementShown
    filterset_class = AnnouncementFilter
    lookup_field = "number"
    lookup_value_regex = "[A-Za-z]{3}-[0-9]{1,12}"

    def get_serializer_class(self) -> Any:
        whole = getattr(self, "swagger_fake_view", False) or permissions.staff(self.actor)
        return AnnouncementShown if whole else AnnouncementForReader

    def visible_rows(self) -> QuerySet[Announcement]:
        return queries.visible(self.actor, timezone.now()).order_by()

    def get_object(self) -> Announcement:
        return queries.by_reference(self.actor, self.kwargs["number"], timezone.now())

    def respond(self, record: Any, *args: Any, **kwargs: Any) -> Response:
        """Without a version for who may not edit."""
        response = super().respond(record, *args, **kwargs)
        if not permissions.staff(self.actor):
            del response["ETag"]
        return response

    @extend_schema(request=NewAnnouncement, responses={201: AnnouncementShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        made = operations.publish(actor=self.actor, **self.validated(NewAnnouncement))
        return self.respond(made, 201, {"Location": f"/api/v1/announcements/{made.reference}/"})

    @extend_schema(request=AnnouncementEditing, responses={200: AnnouncementShown})
    def partial_update(self, request: Request, number: str) -> Response:
        said, found = self.validated(AnnouncementEditing), self.get_object()
        return self.respond(operations.edit(found, actor=self.actor, version=version_read(request), **said))

    @extend_schema(request=Nothing, responses={200: AnnouncementShown}, operation_id="announcements_withdraw")
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, number: str) -> Response:
        """It is said no longer."""
        self.validated(Nothing)
        found, version = self.get_object(), version_read(request)
        return self.respond(operations.withdraw(found, actor=self.actor, at=timezone.now(), version=version))
