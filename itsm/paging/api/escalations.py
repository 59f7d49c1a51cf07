"""Escalations and pages over REST."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.people import PersonField, TeamField
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing, Shown, Strict
from itsm.api.viewsets import Readable
from itsm.paging import operations, permissions
from itsm.paging.filters import EscalationFilter, PageFilter
from itsm.paging.models import Escalation, Page, PageAttempt
from itsm.paging.queries import reading
from itsm.paging.vocabulary import Channel, How, PageStatus, Urgency
from itsm.paging.workflow import Status

_READ = Entry(permissions.anyone)


class HandOver(Strict):
    """`policy`: by which others are paged; without it the same begins anew."""

    reason = fields.Text(max_length=500)
    policy = fields.Text(max_length=63, required=False, allow_blank=True)


class Discreet(Shown):
    """Who was paged about what lies in a queue that is hidden from them reads neither title nor queue."""

    def to_representation(self, instance: Any) -> Any:
        shown = super().to_representation(instance)
        if instance.team_id in reading.hidden_from(self.context["view"].actor):
            shown |= {"title": instance.reference, "team": None}
        return shown


class EscalationShown(Discreet):
    """An escalation. `next_at`: when the next step comes while it pages, when it lapses while it is held."""

    reference = serializers.CharField()
    subject = serializers.SerializerMethodField()
    policy = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    urgency = fields.Choice(choices=Urgency.choices)
    team = TeamField(read_only=True, allow_null=True)
    status = fields.Choice(choices=Status.choices)
    next_at = fields.Instant(allow_null=True)
    held_by = PersonField(read_only=True, allow_null=True)
    held_how = serializers.CharField(allow_blank=True)
    page = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = Escalation
        fields = (
            "id", "reference", "subject", "title", "policy", "urgency", "team", "status", "round", "step", "next_at",
            "begun_at", "held_at", "held_by", "held_how", "reason", "ended_at", "version", "page",
        )  # fmt: skip

    @extend_schema_field(fields.OurAddress())
    def get_subject(self, escalation: Escalation) -> str:
        """The page of what it is about."""
        return fields.OurAddress().to_representation(escalation.path)


class EscalationViewSet(Readable):
    """Who is being called, for what, by which policy."""

    policy: ClassVar = {
        "list": _READ, "retrieve": _READ,
        "acknowledge": Entry(permissions.anyone, scopes.INCIDENTS_WRITE, over=permissions.answerers),
        "hand_over": Entry(permissions.anyone, scopes.INCIDENTS_WRITE, over=permissions.answerers),
    }  # fmt: skip
    serializer_class = EscalationShown
    filterset_class = EscalationFilter
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[Escalation]:
        return reading.escalations(self.actor).order_by()

    @extend_schema(request=Nothing, responses={200: EscalationShown}, operation_id="escalations_acknowledge")
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, pk: str) -> Response:
        """Hold it: nobody else is called."""
        self.validated(Nothing)
        return self.respond(
            operations.acknowledge(self.get_object(), actor=self.actor, at=timezone.now(), how=How.API)
        )  # fmt: skip

    @extend_schema(request=HandOver, responses={200: EscalationShown}, operation_id="escalations_hand_over")
    @action(detail=True, methods=["post"], url_path="hand-over")
    def hand_over(self, request: Request, pk: str) -> Response:
        """Others are called from now on."""
        found = self.get_object()
        said = self.validated(HandOver)
        return self.respond(operations.hand_over(found, actor=self.actor, at=timezone.now(), **said))


class PageAttemptShown(Shown):
    """One try. `ok` null: it was begun, and nobody knows how it ended. `reported`: what was said of it later."""

    channel = fields.Choice(choices=Channel.choices)
    to = serializers.CharField(source="address", allow_blank=True)
    provider = serializers.CharField(source="provider.name", allow_null=True, default=None)
    ok = serializers.BooleanField(source="outcome.ok", allow_null=True, default=None)
    ms = serializers.IntegerField(source="outcome.ms", allow_null=True, default=None)
    answer = serializers.CharField(source="outcome.answer", allow_blank=True, default="")
    reported = serializers.SerializerMethodField()

    class Meta:
        model = PageAttempt
        fields = ("channel", "to", "provider", "key", "number", "begun_at", "ok", "ms", "answer", "reported")

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_reported(self, attempt: PageAttempt) -> list[str]:
        return [one.status for one in attempt.reports.all()]


class PageShown(Discreet):
    """Somebody was called. `attempts`: the delivery log."""

    reference = serializers.CharField()
    person = PersonField(read_only=True)
    escalation = serializers.SerializerMethodField()
    subject = serializers.SerializerMethodField()
    urgency = fields.Choice(choices=Urgency.choices)
    team = TeamField(read_only=True, allow_null=True)
    status = fields.Choice(choices=PageStatus.choices, source="state")
    attempts = PageAttemptShown(many=True)
    page = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = Page
        fields = (
            "id", "reference", "person", "escalation", "round", "step", "subject", "title", "why", "urgency", "team",
            "status", "how", "begun_at", "ended_at", "attempts", "page",
        )  # fmt: skip

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_escalation(self, page: Page) -> str | None:
        return page.escalation.reference if page.escalation is not None else None

    @extend_schema_field(fields.OurAddress())
    def get_subject(self, page: Page) -> str:
        """The page of what it is about."""
        return fields.OurAddress().to_representation(page.path)


class PageViewSet(Readable):
    """Who was called when, by which way, and how each try went."""

    policy: ClassVar = {
        "list": _READ, "retrieve": _READ,
        "acknowledge": Entry(permissions.anyone, scopes.INCIDENTS_WRITE, over=permissions.page_answerers),
    }  # fmt: skip
    serializer_class = PageShown
    filterset_class = PageFilter
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[Page]:
        return reading.pages(self.actor).order_by()

    @extend_schema(request=Nothing, responses={200: PageShown}, operation_id="pages_acknowledge")
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, pk: str) -> Response:
        """Answer it: its escalation is held, and nobody else is called."""
        self.validated(Nothing)
        answered: Any = operations.acknowledge_page(
            self.get_object(), actor=self.actor, at=timezone.now(), how=How.API
        )  # fmt: skip
        return self.respond(reading.page_numbered(self.actor, answered.pk))
