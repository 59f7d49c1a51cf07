"""Shapes of postmortems in REST."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.services.api.fields import ServiceField
from incidents.postmortem.models import Postmortem, PostmortemAction, PostmortemEvent, PostmortemVersion
from incidents.postmortem.queries import links_of, wording_of
from incidents.postmortem.vocabulary import MOST_FACTORS, ActionType
from itsm.api import fields
from itsm.api.people import PersonField
from itsm.api.serializers import Shown, Strict

_WORDS: Any = {"max_length": 20_000, "allow_blank": True, "required": False}


class PostmortemEditing(Strict):
    """`factors`: what made it possible, or worse; all of them, in their order. There is no root cause."""

    title = fields.Text(max_length=200, required=False)
    impact = fields.Text(**_WORDS)
    factors = serializers.ListField(child=fields.Text(max_length=1000), max_length=MOST_FACTORS, required=False)
    went_well = fields.Text(**_WORDS)
    went_badly = fields.Text(**_WORDS)
    lucky = fields.Text(**_WORDS)
    no_actions_because = fields.Text(max_length=2000, allow_blank=True, required=False)


class NewPostmortem(Strict):
    """`about`: the reference of the incident or problem. `title`: that of the record, where none is given."""

    about = fields.Text(max_length=20)
    title = fields.Text(max_length=200, allow_blank=True, default="")


class WordingAsked(Strict):
    """A text that somebody is writing."""

    text = fields.Text(max_length=20_000, allow_blank=True)


class WordingTurnShown(serializers.Serializer[Any]):
    """`found`: words that look for somebody to blame; `offer`: another way to say it."""

    found = serializers.CharField()
    offer = serializers.CharField()


class WordingShown(WordingTurnShown):
    """The same, with the text it stands in: `impact`, `factors[0]`, `events[17]`. It holds nobody up."""

    field = serializers.CharField()


class RequirementShown(serializers.Serializer[Any]):
    """Why one is required; `why`: the arithmetic, where there is one."""

    reason = serializers.CharField()
    why = serializers.CharField()


class PostmortemShown(Shown):
    """A postmortem. `published`: the number of the version that people read, 0 for none; `wording`: help that never
    blocks; `filled`: after a refill, how many entries were added."""

    number = serializers.CharField(source="reference")
    state = serializers.CharField(source="status")
    about = serializers.CharField(source="about.reference")
    service = ServiceField(source="about.service", read_only=True, allow_null=True)
    factors = serializers.ListField(child=serializers.CharField())
    required_because = RequirementShown(many=True)
    opened_by = PersonField(read_only=True, allow_null=True)
    waiver_asked_by = PersonField(read_only=True, allow_null=True)
    waived_by = PersonField(read_only=True, allow_null=True)
    overdue = serializers.SerializerMethodField()
    wording = serializers.SerializerMethodField()
    filled = serializers.SerializerMethodField()
    available = serializers.SerializerMethodField()
    url = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = Postmortem
        fields = (
            "number", "title", "about", "service", "state", "impact", "factors", "went_well", "went_badly", "lucky",
            "no_actions_because", "required_because", "due_at", "overdue", "opened_by", "opened_at", "published",
            "published_at", "waiver_reason", "waiver_asked_by", "waived_by", "waived_at", "wording", "filled",
            "available", "version", "url",
        )  # fmt: skip

    def get_overdue(self, postmortem: Postmortem) -> bool:
        return postmortem.is_overdue(timezone.now())

    @extend_schema_field(WordingShown(many=True))
    def get_wording(self, postmortem: Postmortem) -> list[dict[str, str]]:
        """Of one postmortem; a list says none."""
        if isinstance(self.parent, serializers.ListSerializer):
            return []
        return [one._asdict() for one in wording_of(postmortem)]

    @extend_schema_field({"type": "integer", "nullable": True})
    def get_filled(self, postmortem: Postmortem) -> int | None:
        return postmortem.filled

    def get_available(self, postmortem: Postmortem) -> list[str]:
        """The steps that are open to the caller from here."""
        return [step.action for step in postmortem.workflow.open_to(self.context["view"].actor, postmortem)]


class NewEvent(Strict):
    """What happened, and when."""

    at = fields.Instant()
    text = fields.Text(max_length=2000)


class EventEditing(Strict):
    """What is not sent stays as it is."""

    at = fields.Instant(required=False)
    text = fields.Text(max_length=2000, required=False)


class EventShown(Shown):
    """An entry of the timeline; `source`: what it was filled from, or that a person wrote it."""

    at = fields.Instant()

    class Meta:
        model = PostmortemEvent
        fields = ("id", "at", "text", "source")


class NewAction(Strict):
    """`link`: the reference of the change or problem that does it."""

    action_type = fields.Choice(choices=ActionType.choices)
    text = fields.Text(max_length=500)
    owner = PersonField()
    due_at = fields.Instant()
    link = fields.Text(max_length=20, allow_blank=True, default="")


class ActionEditing(Strict):
    """What is not sent stays as it is; an empty `link` takes it away."""

    action_type = fields.Choice(choices=ActionType.choices, required=False)
    text = fields.Text(max_length=500, required=False)
    owner = PersonField(required=False)
    due_at = fields.Instant(required=False)
    link = fields.Text(max_length=20, allow_blank=True, required=False)


class ActionOutcome(Strict):
    """`outcome`: what was done. Not needed where the linked change or problem ended well."""

    outcome = fields.Text(max_length=2000, allow_blank=True, default="")


class ActionShown(Shown):
    """An action, with the postmortem it is of; `link`: the change or problem that does it, where you may see it."""

    postmortem = serializers.CharField(source="postmortem.reference")
    owner = PersonField(read_only=True, allow_null=True)
    done_by = PersonField(read_only=True, allow_null=True)
    link = serializers.SerializerMethodField()
    overdue = serializers.SerializerMethodField()

    class Meta:
        model = PostmortemAction
        fields = (
            "id", "postmortem", "action_type", "text", "owner", "due_at", "overdue", "link", "done_at", "done_by",
            "outcome",
        )  # fmt: skip

    def get_overdue(self, action: PostmortemAction) -> bool:
        return action.is_overdue(timezone.now())

    @extend_schema_field({"type": "string", "nullable": True})
    def get_link(self, action: PostmortemAction) -> str | None:
        known = self.context.get("links")
        linked = (links_of([action], self.context["view"].actor) if known is None else known).get(action.pk)
        return linked.reference if linked is not None else None


class OwnerShown(serializers.Serializer[Any]):
    """Open actions of somebody; `owner`: null for those that nobody owns any more."""

    owner = PersonField(read_only=True, allow_null=True)
    open = serializers.IntegerField()
    overdue = serializers.IntegerField()
    oldest_due_at = serializers.SerializerMethodField()

    @extend_schema_field({"type": "string", "format": "date-time", "nullable": True})
    def get_oldest_due_at(self, row: Any) -> datetime | None:
        """Of those that are overdue."""
        found: datetime | None = row.oldest_due_at
        return found


class VersionShown(Shown):
    """A published version: `text` is its Markdown, in the reader's language."""

    published_by = PersonField(read_only=True)
    published_at = fields.Instant()
    text = serializers.SerializerMethodField()

    class Meta:
        model = PostmortemVersion
        fields = ("number", "published_by", "published_at", "text")

    def get_text(self, version: PostmortemVersion) -> str:
        texts: dict[int, str] = self.context["texts"]
        return texts[version.pk]
