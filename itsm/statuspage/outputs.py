"""What the REST doors of status pages answer."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from itsm.api import fields
from itsm.api.people import PersonField
from itsm.api.serializers import Shown
from itsm.notifications.web_addresses import our_address
from itsm.statuspage import queries
from itsm.statuspage.history import Span, state_at
from itsm.statuspage.models import Component, Maintenance, PublicIncident, PublicUpdate, StatusPage
from itsm.statuspage.vocabulary import State


class StatusPageShown(Shown):
    """`key`: in the answer that makes it alone, else null; `subscribers`: how many addresses are told."""

    key = serializers.SerializerMethodField()
    subscribers = serializers.SerializerMethodField()
    public_url = serializers.SerializerMethodField()
    url = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = StatusPage
        fields: tuple[str, ...] = (
            "slug", "name", "about", "visibility", "zone", "key", "subscribers", "public_url", "retired_at",
            "created_at", "version", "url",
        )  # fmt: skip

    def get_key(self, page: StatusPage) -> str | None:
        """Null where none was made just now."""
        return getattr(page, "new_key", "") or None

    def get_subscribers(self, page: StatusPage) -> int:
        """Confirmed ones."""
        told = getattr(page, "told", None)
        return queries.subscriber_count(page) if told is None else told

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_public_url(self, page: StatusPage) -> str:
        """Where the public reads it."""
        return our_address(f"/status/{page.slug}/")


class ComponentShown(Shown):
    """`state`: as it is shown now; `code`: its id for the public."""

    page = serializers.SerializerMethodField()
    service = serializers.SerializerMethodField()
    state = serializers.SerializerMethodField()

    class Meta:
        model = Component
        fields: tuple[str, ...] = (
            "id", "code", "page", "name", "about", "group", "position", "service", "objective", "state", "retired_at",
            "created_at", "version",
        )  # fmt: skip

    def get_page(self, one: Component) -> str:
        """Its page's slug."""
        return one.page.slug

    def get_service(self, one: Component) -> str | None:
        """The slug of its service; null for none."""
        return one.service.slug if one.service is not None else None

    @extend_schema_field(fields.Choice(choices=State.choices))
    def get_state(self, one: Component) -> str:
        """As it is shown."""
        spans = [Span(row.state, row.began_at, row.ended_at, row.is_by_hand) for row in one.spans.all()]
        return state_at(spans, timezone.now())


class PublicUpdateShown(Shown):
    """`body` stays for who works here, also where it was withdrawn; `by` is null where Headroom said it."""

    by = PersonField(read_only=True)
    withdrawn_at = serializers.SerializerMethodField()
    withdrawn_because = serializers.SerializerMethodField()

    class Meta:
        model = PublicUpdate
        fields: tuple[str, ...] = ("id", "status", "body", "at", "by", "withdrawn_at", "withdrawn_because")

    @extend_schema_field({"type": ["string", "null"], "format": "date-time"})
    def get_withdrawn_at(self, update: PublicUpdate) -> str | None:
        """Null where it stands."""
        gone = getattr(update, "withdrawn", None)
        return fields.Instant().to_representation(gone.at) if gone else None

    def get_withdrawn_because(self, update: PublicUpdate) -> str | None:
        """Null where it stands."""
        gone = getattr(update, "withdrawn", None)
        return str(gone.reason) if gone else None


class _NoticeShown(Shown):
    page = serializers.SerializerMethodField()
    internal = serializers.SerializerMethodField()
    updates = PublicUpdateShown(many=True, read_only=True)
    public_url = serializers.SerializerMethodField()
    url = fields.OurAddress(source="get_absolute_url")

    def get_page(self, notice: Any) -> str:
        """Its page's slug."""
        return str(notice.page.slug)

    def get_internal(self, notice: Any) -> str | None:
        """The record behind it; null for none, in lists, and where the reader may not see it."""
        view = self.context["view"]
        return (queries.internal_for(view.actor, notice) or None) if view.action != "list" else None

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_public_url(self, notice: Any) -> str:
        """Where the public reads it."""
        kind = "incidents" if isinstance(notice, PublicIncident) else "maintenance"
        return our_address(f"/status/{notice.page.slug}/{kind}/{notice.code}/")


class PublicIncidentShown(_NoticeShown):
    """`components`: those that suffer by it now, each with its state."""

    components = serializers.SerializerMethodField()

    class Meta:
        model = PublicIncident
        fields: tuple[str, ...] = (
            "id", "code", "page", "title", "status", "internal", "components", "started_at", "published_at",
            "resolved_at", "next_update_at", "postmortem_url", "updates", "public_url", "version", "url",
        )  # fmt: skip

    @extend_schema_field(
        {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"component": {"type": "integer"}, "state": {"type": "string"}},
                "required": ["component", "state"],
            },
        }
    )
    def get_components(self, incident: PublicIncident) -> list[dict[str, Any]]:
        """None once it is over."""
        return [
            {"component": one.component_id, "state": one.state} for one in incident.spans.all() if one.ended_at is None
        ]


class MaintenanceShown(_NoticeShown):
    """`components`: ids of those that it touches; `begun_at`, `ended_at`: when it was."""

    components = serializers.ListField(child=serializers.IntegerField())

    class Meta:
        model = Maintenance
        fields: tuple[str, ...] = (
            "id", "code", "page", "title", "status", "internal", "components", "starts_at", "ends_at", "begun_at",
            "ended_at", "published_at", "updates", "public_url", "version", "url",
        )  # fmt: skip
