"""Shapes of configuration items in REST."""

from datetime import timedelta
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.cmdb.api.fields import ClassField, ItemField, TypeField
from catalog.cmdb.models import CI, Condition, History, Identifier
from catalog.cmdb.operations import Origin
from catalog.cmdb.queries.history import Shown as ShownValues
from catalog.cmdb.vocabulary import State, Status, Strength
from itsm.api import fields
from itsm.api.people import TeamField
from itsm.api.serializers import Shown, Strict
from itsm.fields.attributes import AttributesField, shown_attributes


class Originating(Strict):
    """`change`: the reference of the change that covers the edit. `why`: in the editor's words."""

    change = fields.Text(max_length=20, required=False)
    why = fields.Text(max_length=500, required=False)

    def to_internal_value(self, data: Any) -> Any:
        said = super().to_internal_value(data)
        said["origin"] = Origin(change=said.pop("change", ""), why=said.pop("why", ""))
        return said


class ItemEditing(Originating):
    """What is not named stays. `attributes`: values by key; null takes one away."""

    name = fields.Text(max_length=200, required=False)
    environment = fields.Text(max_length=40, allow_blank=True, required=False)
    team = TeamField(required=False, allow_null=True)
    support_team = TeamField(required=False, allow_null=True)
    description = fields.Text(max_length=4000, allow_blank=True, required=False)
    confidential = fields.YesNo(required=False)
    attributes = AttributesField(required=False)


class NewItem(ItemEditing):
    name = fields.Text(max_length=200)
    status = fields.Choice(
        choices=[(value, label) for value, label in Status.choices if value != Status.RETIRED],
        default=Status.PLANNED.value,
    )


# `class` is a word of Python's own.
ItemEditing._declared_fields["class"] = ClassField(source="ci_class", required=False)
NewItem._declared_fields["class"] = ClassField(source="ci_class")


class IdentifierSent(Strict):
    scheme = fields.Text(max_length=80)
    value = fields.Text(max_length=500)


class IdentifiersSent(Originating):
    """All of them; what is not named is taken away."""

    identifiers = IdentifierSent(many=True)


class IdentifierShown(Shown):
    class Meta:
        model = Identifier
        fields = ("scheme", "value", "contested")


class ItemShown(Shown):
    """`service`: the slug of the service that it is. `unaccounted`: edits that no change covers, one item at a time."""

    reference = serializers.CharField()
    team = TeamField(read_only=True)
    support_team = TeamField(read_only=True)
    service = serializers.SerializerMethodField()
    attributes = serializers.SerializerMethodField()

    class Meta:
        model = CI
        fields = (
            "reference", "name", "class", "status", "environment", "team", "support_team", "description", "attributes",
            "confidential", "service", "reason", "last_seen_at", "certified_at", "created_at", "version",
        )  # fmt: skip

    def get_service(self, item: CI) -> str | None:
        return getattr(item, "service_slug", None)

    @extend_schema_field(AttributesField())
    def get_attributes(self, item: CI) -> dict[str, Any]:
        return shown_attributes(self, item.ci_class.owner, item, works_here=True)


ItemShown._declared_fields["class"] = ClassField(source="ci_class", read_only=True)


class ItemDetail(ItemShown):
    """One item, with what identifies it."""

    identifiers = IdentifierShown(many=True)

    class Meta(ItemShown.Meta):
        fields = (*ItemShown.Meta.fields, "identifiers")  # type: ignore[assignment]


class HistoryShown(Shown):
    """One value went from `before` to `after`. `accounted`: a change covers it, it needs none, or it was explained."""

    by = serializers.CharField(source="actor_name")
    change = serializers.SerializerMethodField()
    before = serializers.SerializerMethodField()
    after = serializers.SerializerMethodField()
    explained = serializers.SerializerMethodField()

    class Meta:
        model = History
        fields = ("id", "key", "before", "after", "at", "by", "source", "change", "accounted", "why", "explained")

    def get_change(self, row: History) -> str | None:
        return row.change_reference or None

    @extend_schema_field({"description": "as it was kept"})
    def get_before(self, row: History) -> Any:
        return self._shown(row).value(row.before)

    @extend_schema_field({"description": "as it was kept"})
    def get_after(self, row: History) -> Any:
        return self._shown(row).value(row.after)

    def get_explained(self, row: History) -> str | None:
        found = getattr(row, "explanation", None)
        return (found.change_reference or found.why) if found is not None else None

    def _shown(self, row: History) -> ShownValues:
        context: Any = self.context
        if "shown values" not in context:
            rows = self.parent.instance if isinstance(self.parent, serializers.ListSerializer) else [row]
            context["shown values"] = ShownValues(context["view"].actor, rows or [row])
        found: ShownValues = context["shown values"]
        return found


class ExplanationSent(Strict):
    """`change`: that covered it; or `why`, in the words of another person than who edited."""

    change = fields.Text(max_length=20, required=False)
    why = fields.Text(max_length=500, required=False)


class ConditionReport(Strict):
    """`state`: how you find it just now; up takes back what you said. `fresh_for_minutes`: not said again for so long,
    your word is shown as stale, and counts all the same."""

    state = fields.Choice(choices=State.choices)
    fresh_for_minutes = fields.Whole(min_value=1, max_value=1440, default=15)

    def to_internal_value(self, data: Any) -> Any:
        said = super().to_internal_value(data)
        return {"state": State(said["state"]), "fresh_for": timedelta(minutes=said["fresh_for_minutes"])}


class ItemTaskTicked(Strict):
    """Whether it is done."""

    done = fields.YesNo()


class ConditionCleared(Strict):
    why = fields.Text(max_length=500)


class ConditionShown(Shown):
    """`source`: the account that says so. `stale`: it was silent for longer than it had said."""

    stale = serializers.BooleanField(source="is_stale")

    class Meta:
        model = Condition
        fields = ("id", "state", "source", "since", "said_at", "fresh_until", "stale", "until")


class NewRelation(Originating):
    """`strength`: where it differs from its type's. `group`: of the consumer, of which some are enough."""

    source = ItemField()  # type: ignore[assignment]
    target = ItemField()
    type = TypeField()
    strength = fields.Choice(choices=Strength.choices, required=False)
    group = fields.Text(max_length=63, required=False)


class ImpactNodeShown(serializers.Serializer[Any]):
    """`via` leads from the direct neighbour to the other end; "..." is what the reader may not see."""

    reference = serializers.CharField()
    name = serializers.CharField()
    state = fields.Choice(choices=["down", "degraded"])
    depth = serializers.IntegerField(min_value=1)
    via = serializers.ListField(child=serializers.CharField())


ImpactNodeShown._declared_fields["class"] = serializers.CharField()


class CountsShown(serializers.Serializer[Any]):
    down = serializers.IntegerField(min_value=0)
    degraded = serializers.IntegerField(min_value=0)


class ImpactShown(serializers.Serializer[Any]):
    """Worst first, then nearest; at most 5,000 nodes. `counts`: of all of them."""

    subject = serializers.CharField()
    direction = fields.Choice(choices=["up", "down"])
    depth = serializers.IntegerField(min_value=0)
    counts = CountsShown()
    truncated = serializers.BooleanField()
    nodes = ImpactNodeShown(many=True)
