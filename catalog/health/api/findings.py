"""Findings over REST: what is wrong with items, tasks for them, and living with them for a while."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.cmdb.api.fields import ItemField
from catalog.health import operations, permissions
from catalog.health.filters import FindingFilter
from catalog.health.models import Finding
from catalog.health.queries.listing import visible_findings
from catalog.health.queries.words import items_named, sentence
from catalog.health.vocabulary import MOST_TASKS, Kind
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing, Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable


class ItemFindingShown(Shown):
    """`text`: what is wrong, in a sentence. `task`: what is to do about it, a task of the item."""

    ci = ItemField(read_only=True)
    text = serializers.SerializerMethodField()
    task = serializers.IntegerField(source="task_id", read_only=True, allow_null=True)

    class Meta:
        model = Finding
        fields: tuple[str, ...] = ("id", "ci", "text", "first_seen", "task", "accepted_until", "why", "version")

    def get_text(self, finding: Finding) -> str:
        return sentence(finding, items_named(self.context["view"].actor, [finding]))


ItemFindingShown._declared_fields["kind"] = fields.Choice(source="finding_kind", choices=Kind.choices, read_only=True)
ItemFindingShown.Meta.fields = (*ItemFindingShown.Meta.fields, "kind")


class FindingAcceptance(Strict):
    until = fields.Instant()
    why = fields.Text(max_length=500)


class FindingsSent(Strict):
    findings = serializers.ListField(child=fields.Whole(min_value=1), min_length=1, max_length=MOST_TASKS)


class TasksShown(serializers.Serializer[Any]):
    """How many tasks were made; findings that have one, or that are not the caller's to give, get none."""

    given = serializers.IntegerField()


_READ = Entry(permissions.health_readers)
_ACCEPT = Entry(permissions.accepters, scopes.CATALOG_WRITE, over=permissions.accepters)


class FindingViewSet(Readable):
    """What is wrong with items, the newest first. What is mended is no longer there."""

    policy: ClassVar = {
        "list": _READ,
        "retrieve": _READ,
        "tasks": Entry(permissions.task_givers, scopes.CATALOG_WRITE),
        "accept": _ACCEPT,
        "take_up_again": _ACCEPT,
    }
    serializer_class = ItemFindingShown
    filterset_class = FindingFilter
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[Finding]:
        return visible_findings(self.actor)

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Lists are narrowed; one that somebody lives with is still found by its number."""
        return super().filter_queryset(queryset) if self.action == "list" else queryset

    @extend_schema(request=FindingsSent, responses={200: TasksShown}, operation_id="findings_tasks")
    @action(detail=False, methods=["post"], filter_backends=[])
    @idempotent()
    def tasks(self, request: Request) -> Response:
        """One task for each of these findings, for the team of its item; who has one gets no other."""
        wanted = self.validated(FindingsSent)["findings"]
        found = list(self.visible_rows().filter(pk__in=wanted))
        return Response({"given": operations.give_tasks(found, actor=self.actor, at=timezone.now())})

    @extend_schema(request=FindingAcceptance, responses={200: ItemFindingShown})
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """Live with it until then, at most a year: it counts as bad no longer."""
        operations.accept(
            self.get_object(), actor=self.actor, at=timezone.now(), version=version_read(request),
            **self.validated(FindingAcceptance),
        )  # fmt: skip
        return self.respond(self.get_object())

    @extend_schema(request=Nothing, responses={200: ItemFindingShown})
    @action(detail=True, methods=["post"], url_path="take-up-again")
    def take_up_again(self, request: Request, pk: str) -> Response:
        """Nobody lives with it any longer."""
        self.validated(Nothing)
        operations.take_up_again(self.get_object(), actor=self.actor, version=version_read(request))
        return self.respond(self.get_object())
