"""Assignment rules over REST: find, parse, call one operation, render."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import scopes
from itsm.accounts.models import User
from itsm.accounts.permissions import staff
from itsm.accounts.queues import rights_in_queues
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.people import PersonField, TeamField
from itsm.api.permissions import Entry
from itsm.api.routing import Router
from itsm.api.serializers import Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable
from itsm.assignment import operations, permissions, queries
from itsm.assignment.kinds import known
from itsm.assignment.models import MAX_CHECKLIST, MAX_RULES, MAX_WATCHERS, Assign, Routing, Rule
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput

_TRACES_SHOWN = 50


class RuleEditing(Strict):
    """`filter`: terms as in an address, such as service=vpn&priority=1,2, without me and my-teams; empty: all."""

    name = fields.Text(max_length=80, required=False)
    filter = fields.Text(max_length=2000, allow_blank=True, required=False)
    team = TeamField(required=False, allow_null=True)
    assign = fields.Choice(choices=Assign.choices, required=False)
    person = PersonField(required=False, allow_null=True)
    watchers = serializers.ListField(child=PersonField(), max_length=MAX_WATCHERS, required=False)
    checklist = serializers.ListField(child=fields.Text(max_length=200), max_length=MAX_CHECKLIST, required=False)
    override = fields.YesNo(required=False)
    active = fields.YesNo(required=False)


class NewRule(RuleEditing):
    """A rule at the end of the order."""

    record_kind = fields.Text(max_length=40, required=False)
    name = fields.Text(max_length=80)


class Place(Strict):
    """Where a rule goes, counted from 1."""

    position = fields.Whole(min_value=1, max_value=MAX_RULES)


class Trial(Strict):
    """`values`: an incident as it would be sent; else incidents of the last 90 days that `query` finds."""

    record_kind = fields.Text(max_length=40, required=False)
    query = fields.Text(max_length=2000, allow_blank=True, default="")
    most = fields.Whole(min_value=1, max_value=queries.MOST_TRIED, default=queries.MOST_TRIED)
    values = serializers.DictField(child=fields.Anything(), required=False)


class StepShown(serializers.Serializer[Any]):
    """What one rule said: `missed` are the terms that did not hold, `did` is what it gave."""

    place = serializers.IntegerField()
    name = serializers.CharField()
    held = serializers.BooleanField()
    missed = serializers.ListField(child=serializers.CharField())
    did = serializers.ListField(child=serializers.CharField())


class RoutingShown(serializers.Serializer[Any]):
    at = fields.Instant()
    by = PersonField(read_only=True, allow_null=True)
    why = serializers.ChoiceField(choices=Routing.Why.values)
    trace = StepShown(many=True)


class TriedShown(serializers.Serializer[Any]):
    """`number` null: it was only tried. `trace` null: one of many."""

    number = serializers.CharField(allow_null=True)
    team = serializers.CharField(allow_null=True)
    assigned_to = serializers.CharField(allow_null=True)
    changes = serializers.BooleanField()
    watchers = serializers.ListField(child=serializers.CharField())
    checklist = serializers.ListField(child=serializers.CharField())
    trace = StepShown(many=True, allow_null=True)


class TrialShown(serializers.Serializer[Any]):
    looked_at = serializers.IntegerField()
    changed = serializers.IntegerField()
    rows = TriedShown(many=True)


class RuleShown(Shown):
    """A rule; `watchers` are user names."""

    team = TeamField(read_only=True, allow_null=True)
    assign = serializers.ChoiceField(choices=Assign.choices)
    person = PersonField(read_only=True, allow_null=True)
    watchers = serializers.SerializerMethodField()
    url = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = Rule
        fields = (
            "id", "record_kind", "position", "name", "filter", "team", "assign", "person", "watchers", "checklist",
            "override", "active", "version", "url",
        )  # fmt: skip

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_watchers(self, rule: Rule) -> list[str]:
        found = User.objects.filter(pk__in=rule.watchers) if rule.watchers else ()
        return sorted(one.username for one in found)


class RuleViewSet(Readable):
    """Who gets new work. Asked from the first: it decides queue and person; what others add is added too."""

    policy: ClassVar = {
        "list": Entry(staff),
        "retrieve": Entry(staff),
        "create": Entry(permissions.makers, scopes.CATALOG_WRITE),
        "partial_update": Entry(permissions.makers, scopes.CATALOG_WRITE, over=permissions.keepers),
        "move": Entry(permissions.rules_administrators, scopes.CATALOG_WRITE),
        "dry_run": Entry(permissions.makers, scopes.CATALOG_WRITE),
    }
    serializer_class = RuleShown
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[Rule]:
        known = [rule.pk for rule in queries.rules(self.actor)]
        return Rule.objects.filter(pk__in=known).select_related("team", "person").order_by()

    @extend_schema(request=NewRule, responses={201: RuleShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        made = operations.create_rule(actor=self.actor, **self.validated(NewRule))
        return self.respond(made, 201, {"Location": f"/api/v1/rules/{made.pk}/"})

    @extend_schema(request=RuleEditing, responses={200: RuleShown})
    def partial_update(self, request: Request, pk: str) -> Response:
        said = self.validated(RuleEditing)
        return self.respond(
            operations.edit_rule(self.get_object(), actor=self.actor, version=version_read(request), **said)
        )

    @extend_schema(request=Place, responses={200: RuleShown}, operation_id="rules_move")
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Another place in the order; the others close up."""
        place = self.validated(Place)["position"]
        return self.respond(operations.move_rule(self.get_object(), actor=self.actor, to=place))

    @extend_schema(request=Trial, responses={200: TrialShown}, operation_id="rules_dry_run")
    @action(detail=False, methods=["post"], url_path="dry-run", filter_backends=[], pagination_class=None)
    def dry_run(self, request: Request) -> Response:
        """What the rules would do. Nothing is written."""
        said = self.validated(Trial)
        record_kind = said.get("record_kind", known()[0])
        if "values" in said:
            if said["query"]:
                raise InvalidInput.about("values", _("Send values or a query, not both."))
            row = _typed(self.actor, record_kind, said["values"])
            return Response(TrialShown({"looked_at": 1, "changed": int(row["changes"]), "rows": [row]}).data)
        found = queries.tried(self.actor, record_kind, said["query"], most=said["most"])
        rows = [_row(one, shown=place < _TRACES_SHOWN) for place, one in enumerate(found)]
        changed = sum(one.changes for one in found)
        return Response(TrialShown({"looked_at": len(rows), "changed": changed, "rows": rows}).data)


def _row(tried: queries.Tried, *, shown: bool) -> dict[str, Any]:
    outcome, record = tried.outcome, tried.record
    team = outcome.team or record.team
    person = tried.person
    return {
        "number": record.reference, "team": team.slug, "assigned_to": person.username if person else None,
        "changes": tried.changes, "watchers": [one.username for one in outcome.watchers],
        "checklist": outcome.checklist, "trace": tried.steps if shown else None,
    }  # fmt: skip


def _typed(actor: Actor, record_kind: str, values: dict[str, Any]) -> dict[str, Any]:
    record, steps = queries.tried_values(actor, record_kind, values)
    seen = rights_in_queues(actor).sees(record.team_id)
    return {
        "number": None, "team": record.team.slug if seen else None,
        "assigned_to": record.assigned_to.username if record.assigned_to and seen else None,
        "changes": any(one.did for one in steps), "watchers": [], "checklist": [], "trace": steps,
    }  # fmt: skip


def shown_routings(actor: Actor, record: Any) -> list[dict[str, Any]]:
    """The traces of a record, as far as the actor may read them."""
    return [
        {"at": one.at, "by": one.by, "why": one.why, "trace": queries.steps(actor, one.record_kind, one.trace)}
        for one in queries.routings_of(record)
    ]


def register(router: Router) -> None:
    router.register("rules", RuleViewSet, basename="rule")
