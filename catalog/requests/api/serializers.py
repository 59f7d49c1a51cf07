"""Shapes of requests in REST."""

from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.items.vocabulary import TaskKind
from catalog.requests import permissions, queries
from catalog.requests.models import Request, RequestItem
from catalog.requests.vocabulary import MOST_ITEMS, MOST_OF_ONE
from itsm.api import fields
from itsm.api.people import PersonField
from itsm.api.serializers import Shown, Strict
from itsm.kernel.actors import Actor
from itsm.work.api.tasks import NewTask, TaskShown
from itsm.work.models import Note


class Wished(Strict):
    """`item`: the slug of a catalog item. `answers`: to its form, by the key of the question."""

    item = fields.Text(max_length=63)
    quantity = fields.Whole(min_value=1, max_value=MOST_OF_ONE, default=1)
    answers = serializers.DictField(child=fields.Anything(), default=dict)


class NewRequest(Strict):
    """`requested_for`: somebody else, by what they are entitled to; without it yourself. `cost_centre`: needed where an
    item asks for one. What a bundle holds is asked for along with it."""

    items = serializers.ListField(child=Wished(), min_length=1, max_length=MOST_ITEMS)
    requested_for = PersonField(required=False, allow_null=True)
    cost_centre = fields.Text(max_length=60, allow_blank=True, default="")


class Deciding(Strict):
    """`decision`: approve or decline, with a word in `comment` (needed to decline)."""

    decision = fields.Choice(choices=["approve", "decline"])
    comment = fields.Text(max_length=4000, allow_blank=True, default="")


class Assigning(Strict):
    """`assigned_to`: who fulfils it; null gives it back to its queue."""

    assigned_to = PersonField(allow_null=True)


class RequestSaying(Strict):
    """`private`: for those who work on it alone. Else whose it is reads it; what they say is always public."""

    text = fields.Text(max_length=20_000)
    private = fields.YesNo(default=False)


class SettlingTask(Strict):
    """`outcome`: done, not_done or skipped; the last two with a `reason`."""

    outcome = fields.Choice(choices=["done", "not_done", "skipped"])
    reason = fields.Text(max_length=2000, allow_blank=True, default="")


class FulfilmentTaskEditing(Strict):
    """Whose it is, until when, what it is called. How it ends is said by `/settle/`."""

    title = fields.Text(max_length=200, required=False)
    mandatory = fields.YesNo(required=False)
    assigned_to = PersonField(required=False, allow_null=True)
    due_at = fields.Instant(required=False, allow_null=True)


class NewFulfilmentTask(NewTask):
    """One more thing to do, beside the plan."""


class FulfilmentTaskShown(TaskShown):
    """A task of an item. `state`: pending until those in `after` are over, open, working, done, not_done, skipped.
    `change`: the standard change that it waits for, with how it stands."""

    task_kind = fields.Choice(choices=TaskKind.choices, allow_blank=True)
    state = serializers.SerializerMethodField()
    change = serializers.SerializerMethodField()
    change_state = serializers.SerializerMethodField()
    after = serializers.ListField(child=serializers.IntegerField())

    class Meta(TaskShown.Meta):
        fields = (*TaskShown.Meta.fields, "key", "task_kind", "after", "began_at", "state", "change", "change_state")

    def to_representation(self, row: Any) -> Any:
        self._row = row
        return super().to_representation(row.task)

    def get_state(self, task: Any) -> str:
        return str(self._row.state)

    def get_change(self, task: Any) -> str | None:
        return self._row.change.reference if self._row.change is not None else None

    def get_change_state(self, task: Any) -> str:
        return str(self._row.wanted.state) if self._row.wanted is not None else ""


class RequestNoteShown(Shown):
    """What somebody wrote on a request."""

    by = PersonField(read_only=True)
    at = fields.Instant()

    class Meta:
        model = Note
        fields = ("id", "text", "private", "by", "at")


class RequestAnswerShown(serializers.Serializer[Any]):
    """A question with its answer in words."""

    key = serializers.CharField()
    question = serializers.CharField(source="label")
    words = serializers.CharField(help_text="of a file its name")
    url = fields.OurAddress(allow_blank=True, help_text="of the file that it is")


class RequestItemShown(Shown):
    """One item of a request. `says`: how it stands, in a sentence for whose it is. `team`, `assigned_to`: null for who
    only asks. `price`: of all of it, in whole units of its currency."""

    number = serializers.CharField(source="reference")
    says = serializers.SerializerMethodField()
    item = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    state = serializers.CharField(source="status")
    team = serializers.SerializerMethodField()
    assigned_to = serializers.SerializerMethodField()
    answers = serializers.SerializerMethodField()
    price = serializers.DecimalField(max_digits=20, decimal_places=None, allow_null=True)
    available = serializers.SerializerMethodField()
    url = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = RequestItem
        fields = (
            "number", "position", "item", "item_version", "name", "quantity", "team", "assigned_to", "answers", "price",
            "currency", "state", "says", "question", "reason", "delivered", "approved_at", "began_at", "ended_at",
            "available", "version", "url",
        )  # fmt: skip

    @property
    def _actor(self) -> Actor:
        actor: Actor = self.context["view"].actor
        return actor

    def get_team(self, item: RequestItem) -> str | None:
        return item.team.slug if permissions.readers(self._actor, item.request) else None

    def get_assigned_to(self, item: RequestItem) -> str | None:
        shown = item.assigned_to if permissions.readers(self._actor, item.request) else None
        return shown.username if shown is not None else None

    @extend_schema_field(RequestAnswerShown(many=True))
    def get_answers(self, item: RequestItem) -> Any:
        """As far as the reader may see them."""
        return RequestAnswerShown(queries.answers_for(self._actor, item), many=True).data

    def get_says(self, item: RequestItem) -> str:
        return queries.sentence(item)

    def get_available(self, item: RequestItem) -> list[str]:
        """The steps that are open to the caller from here; `decide` where they are asked."""
        steps = [one.action for one in item.workflow.open_to(self._actor, item)]
        return [*steps, "decide"] if queries.is_asked(self._actor, item) else steps


class RequestShown(Shown):
    """A request. `outcome`: complete, partial or none, once it is over. `due_at`: when its earliest clock runs out."""

    number = serializers.CharField(source="reference")
    state = serializers.CharField(source="status")
    by = PersonField(read_only=True)
    requested_for = PersonField(read_only=True)
    due_at = serializers.SerializerMethodField()
    available = serializers.SerializerMethodField()
    url = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = Request
        fields: tuple[str, ...] = (
            "number", "title", "state", "outcome", "by", "requested_for", "cost_centre", "reason", "submitted_at",
            "approved_at", "closed_at", "confirmed_at", "due_at", "available", "version", "url",
        )  # fmt: skip

    @extend_schema_field({"type": "string", "format": "date-time", "nullable": True})
    def get_due_at(self, request: Request) -> datetime | None:
        return request.due_at

    def get_available(self, request: Request) -> list[str]:
        """The steps that are open to the caller from here."""
        return [one.action for one in request.workflow.open_to(self.context["view"].actor, request)]


class DroppedShown(serializers.Serializer[Any]):
    """An answer that was not kept: these answers do not show its question."""

    item = serializers.CharField()
    key = serializers.CharField()


class RequestMade(RequestShown):
    """What was asked for; `dropped`: answers that were sent and not kept."""

    items = serializers.SerializerMethodField()
    dropped = serializers.SerializerMethodField()

    class Meta(RequestShown.Meta):
        fields = (*RequestShown.Meta.fields, "items", "dropped")

    @extend_schema_field(RequestItemShown(many=True))
    def get_items(self, request: Request) -> Any:
        found = list(queries.items_of(request))
        for one in found:
            one.request = request
        return RequestItemShown(found, many=True, context=self.context).data

    @extend_schema_field(DroppedShown(many=True))
    def get_dropped(self, request: Request) -> Any:
        return DroppedShown(request.dropped, many=True).data


class ItemFiguresShown(serializers.Serializer[Any]):
    """One item's figures, of what was asked for in the period. Seconds: the middle one, and what nine of ten did not
    exceed; null where there is none."""

    item = serializers.CharField()
    name = serializers.CharField()
    asked = serializers.IntegerField()
    open = serializers.IntegerField()
    done = serializers.IntegerField()
    in_part = serializers.IntegerField(source="partial")
    declined = serializers.IntegerField()
    cancelled = serializers.IntegerField()
    asked_about = serializers.IntegerField()
    approve_s = serializers.IntegerField(allow_null=True)
    approve_p90_s = serializers.IntegerField(allow_null=True)
    fulfil_s = serializers.IntegerField(allow_null=True)
    fulfil_p90_s = serializers.IntegerField(allow_null=True)
