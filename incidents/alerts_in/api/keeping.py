"""Sources of alerts and the rules of routing, for who keeps them."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.alerts_in import permissions
from incidents.alerts_in.models import AlertSource, RoutingVersion
from incidents.alerts_in.operations import routings, sources
from incidents.alerts_in.queries import bench, stream
from incidents.alerts_in.vocabulary import SourceKind
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.people import PersonField
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing, Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable
from itsm.approvals.api.viewsets import AwaitingShown, awaiting

_KEEPS = Entry(permissions.keepers, scopes.INCIDENTS_WRITE)


class _SourceFields(Strict):
    account = PersonField(required=False, allow_null=True, help_text="the program whose token brings its alerts")
    mapping = fields.Anything(required=False, help_text="of a source of the shape generic: JSON pointers")
    group_by = serializers.ListField(child=fields.Text(max_length=100), min_length=1, max_length=20, required=False)
    settle = fields.Whole(min_value=1, max_value=1440, required=False, allow_null=True, help_text="minutes")
    may_acknowledge = fields.YesNo(required=False)
    service_label = fields.Text(max_length=100, required=False)
    environment_label = fields.Text(max_length=100, required=False)
    server_url = fields.Text(max_length=300, allow_blank=True, required=False, help_text="of an Alertmanager's API")
    credential = fields.Text(max_length=63, allow_blank=True, required=False)


class NewAlertSource(_SourceFields):
    slug = fields.Text(max_length=63)
    name = fields.Text(max_length=120)
    shape = fields.Choice(choices=SourceKind.choices)


class AlertSourceEditing(_SourceFields):
    name = fields.Text(max_length=120, required=False)


class AlertSourceShown(Shown):
    account = PersonField(read_only=True, allow_null=True)
    shape = fields.Choice(choices=SourceKind.choices, read_only=True)
    mapping = serializers.DictField(read_only=True)
    group_by = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = AlertSource
        fields = (
            "id", "slug", "name", "shape", "account", "mapping", "group_by", "settle", "may_acknowledge",
            "service_label", "environment_label", "server_url", "credential", "polled_at", "trouble", "version",
        )  # fmt: skip


class TriedBody(Strict):
    body = fields.Anything(help_text="what the source would send")
    mapping = fields.Anything(required=False, help_text="instead of the one that it has")
    rules = fields.Anything(required=False, help_text="instead of the rules that hold")


class TriedAlertShown(serializers.Serializer[Any]):
    """What was read of one alert, and where it would go. `rule`: its place from 1; 0: none fits."""

    title = serializers.CharField(source="told.title")
    state = serializers.CharField(source="told.state")
    fingerprint = serializers.CharField(source="told.fingerprint")
    severity = serializers.CharField(source="told.severity")
    labels = serializers.DictField(child=serializers.CharField(), source="told.labels")
    rule = serializers.IntegerField(source="way.number")
    by = serializers.CharField(source="way.by")
    service = serializers.CharField(source="way.service.slug", default=None, allow_null=True)
    environment = serializers.CharField(source="way.environment")
    priority = serializers.IntegerField(source="way.priority")
    drops = serializers.BooleanField(source="way.drops")
    triage = serializers.BooleanField(source="way.is_triage")


class WrongAlertShown(serializers.Serializer[Any]):
    reason = serializers.CharField()


class AlertBenchShown(serializers.Serializer[Any]):
    """`unread`: why the whole cannot be read; `more`: alerts beyond the fifty that are shown."""

    tried = TriedAlertShown(many=True)
    wrong = WrongAlertShown(many=True)
    unread = serializers.CharField()
    more = serializers.IntegerField()


class AlertSourceViewSet(Readable):
    """Where alerts come from."""

    policy: ClassVar = {
        "list": Entry(permissions.readers),
        "retrieve": Entry(permissions.readers),
        "create": _KEEPS,
        "partial_update": _KEEPS,
        "retire": _KEEPS,
        "bench": Entry(permissions.readers, scopes.INCIDENTS_WRITE),
    }
    serializer_class = AlertSourceShown
    lookup_field = "slug"
    lookup_value_regex = "[a-z0-9-]{1,63}"

    def visible_rows(self) -> QuerySet[AlertSource]:
        return stream.sources(self.actor)

    @extend_schema(request=NewAlertSource, responses={201: AlertSourceShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        """A source of a shape; one that is `generic` has its door below its slug."""
        made = sources.add_source(actor=self.actor, **self.validated(NewAlertSource))
        return self.respond(made, 201, {"Location": f"/api/v1/alert-sources/{made.slug}/"})

    @extend_schema(request=AlertSourceEditing, responses=AlertSourceShown)
    def partial_update(self, request: Request, slug: str) -> Response:
        words, version = self.validated(AlertSourceEditing), version_read(request)
        return self.respond(sources.edit_source(self.get_object(), actor=self.actor, version=version, **words))

    @extend_schema(request=Nothing, responses=AlertSourceShown)
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, slug: str) -> Response:
        """It takes nothing any more; what came stays."""
        self.validated(Nothing)
        version = version_read(request)
        return self.respond(sources.retire_source(self.get_object(), actor=self.actor, version=version))

    @extend_schema(request=TriedBody, responses=AlertBenchShown)
    @action(detail=True, methods=["post"])
    def bench(self, request: Request, slug: str) -> Response:
        """What this source would make of a body, and which rule each alert meets. Nothing becomes of it."""
        words = self.validated(TriedBody)
        source = self.get_object()
        if words.get("mapping") is not None:
            source.mapping = sources.checked_mapping(words["mapping"])
        rules = routings.require_sound(words["rules"]) if words.get("rules") is not None else None
        return Response(AlertBenchShown(bench.try_body(source, words["body"], rules=rules)).data)


class NewRouting(Strict):
    rules = fields.Anything(help_text="all of them, in order: the first that fits says it")
    reason = fields.Text(max_length=500)
    version = fields.VersionRead(help_text="the one that was read")


class AlertRoutingShown(Shown):
    by = PersonField(read_only=True, allow_null=True)
    confirmed_by = PersonField(read_only=True, allow_null=True)
    rules = serializers.ListField(child=serializers.DictField(), read_only=True)

    class Meta:
        model = RoutingVersion
        fields = ("version", "rules", "reason", "by", "confirmed_by", "at")


class RoutingViewSet(Readable):
    """Whose alerts are, by rules in versions; the newest holds."""

    policy: ClassVar = {
        "list": Entry(permissions.readers),
        "retrieve": Entry(permissions.readers),
        "propose": _KEEPS,
    }
    serializer_class = AlertRoutingShown
    lookup_field = "version"
    lookup_value_regex = "[0-9]{1,9}"

    def visible_rows(self) -> QuerySet[RoutingVersion]:
        return RoutingVersion.objects.select_related("by", "confirmed_by").order_by("-version")

    @extend_schema(request=NewRouting, responses={202: AwaitingShown})
    @action(detail=False, methods=["post"])
    def propose(self, request: Request) -> Response:
        """Ask a second person to let these rules hold. The same waits once."""
        words = self.validated(NewRouting)
        _held, confirmation = routings.propose_rules(actor=self.actor, at=timezone.now(), **words)
        return awaiting(confirmation)
