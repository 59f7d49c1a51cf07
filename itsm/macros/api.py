"""Macros and templates over REST: find, parse, call one operation, render."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.filters import Listed
from itsm.api.idempotency import idempotent
from itsm.api.people import PersonField, TeamField
from itsm.api.permissions import Entry
from itsm.api.routing import Router
from itsm.api.serializers import Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable
from itsm.macros import operations, permissions, templates
from itsm.macros.models import MAX_TASKS, Macro, Template
from itsm.work.action_field import ActionsField
from itsm.work.actions import to_json

_MOST_QUEUES = 100


class MacroEditing(Strict):
    """`share`: person, team (with `team`) or everyone. `queues`: where it is offered; none: everywhere."""

    name = fields.Text(max_length=80, required=False)
    share = fields.Choice(choices=Macro.Share.choices, required=False)
    team = TeamField(required=False, allow_null=True)
    active = fields.YesNo(required=False)
    position = fields.Whole(min_value=0, max_value=9999, required=False)
    queues = serializers.ListField(child=TeamField(), max_length=_MOST_QUEUES, required=False)
    actions = ActionsField(required=False)


class NewMacro(MacroEditing):
    """A macro for one kind of record, such as incident."""

    record_kind = fields.Text(max_length=40)
    name = fields.Text(max_length=80)
    share = fields.Choice(choices=Macro.Share.choices, default=Macro.Share.PERSON.value)
    actions = ActionsField()


class MacroShown(Shown):
    owner = PersonField(read_only=True, allow_null=True)
    team = TeamField(read_only=True, allow_null=True)
    queues = serializers.SerializerMethodField()
    actions = ActionsField(read_only=True)
    url = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = Macro
        fields = (
            "record_kind", "slug", "name", "share", "owner", "team", "active", "position", "queues", "actions",
            "version", "url",
        )  # fmt: skip

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_queues(self, macro: Macro) -> list[str]:
        """The slugs of the teams in whose queues it is offered, of those that the reader may see."""
        return operations.shown_queues(macro, self.context["view"].actor)


class MacroFilter(Listed):
    record_kind = django_filters.CharFilter(max_length=40)

    class Meta:
        model = Macro
        fields = ("record_kind",)


class MacroViewSet(Readable):
    """Several things that are done to a record at once. Keyed by slug."""

    policy: ClassVar = {
        "list": Entry(permissions.anyone),
        "retrieve": Entry(permissions.colleagues),
        "create": Entry(permissions.contributors, scopes.INCIDENTS_WRITE),
        "partial_update": Entry(permissions.contributors, scopes.INCIDENTS_WRITE, over=permissions.may_keep),
        "destroy": Entry(permissions.contributors, scopes.INCIDENTS_WRITE, over=permissions.may_keep),
    }
    serializer_class = MacroShown
    filterset_class = MacroFilter
    lookup_field = "slug"
    lookup_value_regex = "[a-z0-9-]{1,63}"

    def visible_rows(self) -> QuerySet[Macro]:
        return permissions.seen_macros(self.actor).select_related("owner", "team").order_by()

    @extend_schema(request=NewMacro, responses={201: MacroShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        made = operations.create_macro(actor=self.actor, **_as_kept(self.validated(NewMacro)))
        return self.respond(made, 201, {"Location": f"/api/v1/macros/{made.slug}/"})

    @extend_schema(request=MacroEditing, responses={200: MacroShown})
    def partial_update(self, request: Request, slug: str) -> Response:
        said = _as_kept(self.validated(MacroEditing))
        return self.respond(
            operations.edit_macro(self.get_object(), actor=self.actor, version=version_read(request), **said)
        )

    def destroy(self, request: Request, slug: str) -> Response:
        """Gone; what it did stays."""
        operations.delete_macro(self.get_object(), actor=self.actor, version=version_read(request))
        return Response(status=204)


def _as_kept(said: dict[str, Any]) -> dict[str, Any]:
    """Queues by their ids and actions as JSON has them: so a macro keeps both."""
    kept = dict(said)
    if "queues" in said:
        kept["queues"] = [one.pk for one in said["queues"]]
    if "actions" in said:
        kept["actions"] = to_json(said["actions"])
    return kept


class TaskSent(Strict):
    """One thing to do. `mandatory`: the record is not over before it is done."""

    title = fields.Text(max_length=200)
    mandatory = fields.YesNo(default=False)


class TemplateEditing(Strict):
    """`values`: fields by the names in which a new record is sent. `category`: the path of the one that begins so."""

    name = fields.Text(max_length=80, required=False)
    team = TeamField(required=False, allow_null=True)
    active = fields.YesNo(required=False)
    category = fields.Text(max_length=250, allow_blank=True, required=False)
    values = serializers.DictField(child=fields.Anything(), required=False)
    tasks = serializers.ListField(child=TaskSent(), max_length=MAX_TASKS, required=False)


class NewTemplate(TemplateEditing):
    """A template for one kind of record, such as incident."""

    record_kind = fields.Text(max_length=40)
    name = fields.Text(max_length=80)


class TemplateShown(Shown):
    team = TeamField(read_only=True, allow_null=True)
    values = serializers.SerializerMethodField()
    tasks = TaskSent(many=True, read_only=True)
    url = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = Template
        fields = (
            "record_kind", "slug", "name", "team", "active", "category", "values", "tasks", "version", "url",
        )  # fmt: skip

    @extend_schema_field({"type": "object", "additionalProperties": True})
    def get_values(self, template: Template) -> dict[str, Any]:
        """What it fills in, of what the reader may see."""
        return templates.shown_values(template, self.context["view"].actor)


class TemplateFilter(Listed):
    record_kind = django_filters.CharFilter(max_length=40)

    class Meta:
        model = Template
        fields = ("record_kind",)


class TemplateViewSet(Readable):
    """What a new record begins with. Keyed by slug."""

    policy: ClassVar = {
        "list": Entry(permissions.anyone),
        "retrieve": Entry(permissions.anyone),
        "create": Entry(permissions.template_makers, scopes.INCIDENTS_WRITE),
        "partial_update": Entry(permissions.contributors, scopes.INCIDENTS_WRITE, over=permissions.may_keep_template),
        "destroy": Entry(permissions.contributors, scopes.INCIDENTS_WRITE, over=permissions.may_keep_template),
    }
    serializer_class = TemplateShown
    filterset_class = TemplateFilter
    lookup_field = "slug"
    lookup_value_regex = "[a-z0-9-]{1,63}"

    def visible_rows(self) -> QuerySet[Template]:
        return permissions.seen_templates(self.actor).select_related("team").order_by()

    @extend_schema(request=NewTemplate, responses={201: TemplateShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        made = templates.create_template(actor=self.actor, **self.validated(NewTemplate))
        return self.respond(made, 201, {"Location": f"/api/v1/templates/{made.slug}/"})

    @extend_schema(request=TemplateEditing, responses={200: TemplateShown})
    def partial_update(self, request: Request, slug: str) -> Response:
        said = self.validated(TemplateEditing)
        return self.respond(
            templates.edit_template(self.get_object(), actor=self.actor, version=version_read(request), **said)
        )

    def destroy(self, request: Request, slug: str) -> Response:
        """Gone; what was opened with it stays."""
        templates.delete_template(self.get_object(), actor=self.actor, version=version_read(request))
        return Response(status=204)


def register(router: Router) -> None:
    router.register("macros", MacroViewSet, basename="macro")
    router.register("templates", TemplateViewSet, basename="template")
