"""Shapes of problems in REST."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.services.api.fields import ServiceField
from incidents.incident.api.serializers import CategoryField
from incidents.problem.models import Problem
from incidents.problem.queries import may_see
from incidents.problem.vocabulary import TASK_KINDS
from itsm.api import fields
from itsm.api.people import PersonField, QueueField
from itsm.api.serializers import Shown, Strict
from itsm.work.api.tasks import NewTask, TaskEditing, TaskShown


class ProblemEditing(Strict):
    """`team`: the queue it moves to. `cause_unknown`: it is known that nobody knows."""

    statement = fields.Text(max_length=200, required=False)
    symptom = fields.Text(max_length=20_000, allow_blank=True, required=False)
    cause = fields.Text(max_length=20_000, allow_blank=True, required=False)
    cause_unknown = fields.YesNo(required=False)
    workaround = fields.Text(max_length=20_000, allow_blank=True, required=False)
    workaround_public = fields.YesNo(required=False)
    service = ServiceField(required=False, allow_null=True)
    category = CategoryField(required=False, allow_null=True)
    team = QueueField(required=False)
    owner = PersonField(required=False, allow_null=True)


class NewProblem(Strict):
    """`raised_from`: references of incidents (it caused them), items (it affects them) and other records. Without
    `service`, `category` and `team`: those of the first incident among them."""

    statement = fields.Text(max_length=200)
    symptom = fields.Text(max_length=20_000, allow_blank=True, default="")
    cause = fields.Text(max_length=20_000, allow_blank=True, default="")
    workaround = fields.Text(max_length=20_000, allow_blank=True, default="")
    workaround_public = fields.YesNo(default=False)
    service = ServiceField(required=False, allow_null=True)
    category = CategoryField(required=False, allow_null=True)
    team = QueueField(required=False)
    owner = PersonField(required=False, allow_null=True)
    raised_from = serializers.ListField(child=fields.Text(max_length=20), max_length=20, default=list)


class ProblemShown(Shown):
    """A problem. `burn_minutes`: of error budgets, in the 28 days before `burn_as_of`;
    `/burn/` says where they come from."""

    number = serializers.CharField(source="reference")
    state = serializers.CharField(source="status")
    service = ServiceField(read_only=True)
    category = CategoryField(read_only=True, allow_null=True)
    team = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    owner = PersonField(read_only=True, allow_null=True)
    opened_by = PersonField(read_only=True, allow_null=True)
    risk_accepted_by = PersonField(read_only=True, allow_null=True)
    duplicate_of = serializers.SerializerMethodField()
    burn_as_of = serializers.SerializerMethodField()
    available = serializers.SerializerMethodField()
    url = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = Problem
        fields: tuple[str, ...] = (
            "number", "statement", "symptom", "cause", "cause_unknown", "workaround", "workaround_public", "service",
            "category", "team", "state", "close_code", "owner", "opened_by", "reason", "risk_review_at",
            "risk_accepted_by", "duplicate_of", "proposed_by_rule", "why", "burn_minutes", "burn_as_of", "opened_at",
            "resolved_at", "closed_at", "available", "version", "url",
        )  # fmt: skip

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_burn_as_of(self, problem: Problem) -> str | None:
        """As of when the figure is; null before it was reckoned first."""
        as_of = self.context["view"].ranked_at
        return as_of.isoformat() if as_of is not None else None

    def get_available(self, problem: Problem) -> list[str]:
        """The steps that are open to the caller from here."""
        return [step.action for step in problem.workflow.open_to(self.context["view"].actor, problem)]

    def get_duplicate_of(self, problem: Problem) -> str | None:
        other = problem.duplicate_of
        return other.reference if other is not None and may_see(self.context["view"].actor, other) else None


class ProblemNote(Strict):
    """For those who work here; nobody else reads a problem."""

    text = fields.Text(max_length=20_000)


class NewProblemTask(NewTask):
    """`task_kind` analysis: a root-cause analysis. `mandatory`: marked as needed."""

    task_kind = fields.Choice(choices=list(TASK_KINDS), allow_blank=True, required=False)


class ProblemTaskEditing(TaskEditing):
    """`done` ticks it, or takes the tick back."""

    task_kind = fields.Choice(choices=list(TASK_KINDS), allow_blank=True, required=False)


class ProblemTaskShown(TaskShown):
    """One thing to do on a problem."""

    class Meta(TaskShown.Meta):
        fields = (*TaskShown.Meta.fields, "task_kind")


class Broadcasting(Strict):
    """`text`: a workaround or a fix; without it the workaround as it stands. `requesters`: callers are told too.
    `workaround_public`: requesters may read the workaround from now on; without it they are not told that one."""

    text = fields.Text(max_length=20_000, allow_blank=True, default="")
    requesters = fields.YesNo(default=False)
    workaround_public = fields.YesNo(default=False)


class LeftOutShown(serializers.Serializer[Any]):
    """An incident that was over before it could be told."""

    incident = serializers.CharField()
    why = serializers.CharField()


class BroadcastShown(serializers.Serializer[Any]):
    """What was told, and how it goes: `owed` notes altogether, of them `told`, still `waiting`, `left_out`. Incidents
    that have these words already are none of them."""

    text = serializers.CharField(source="broadcast.text")
    requesters = serializers.BooleanField(source="broadcast.requesters")
    by = PersonField(source="broadcast.by", read_only=True)
    at = fields.Instant()
    owed = serializers.IntegerField()
    told = serializers.IntegerField()
    waiting = serializers.IntegerField()
    left_out = LeftOutShown(many=True)


class Applying(Strict):
    """`incident`: the reference of one that you work on. `requester`: the workaround goes to its caller as a reply."""

    incident = fields.Text(max_length=20)
    requester = fields.YesNo(default=False)


class BurnPartShown(serializers.Serializer[Any]):
    """An outage behind a figure: `share` of the objective's budget, `minutes` of it. `reference`: by which cause."""

    outage = serializers.IntegerField()
    objective = serializers.CharField()
    service = serializers.CharField()
    started_at = fields.Instant()
    ended_at = fields.Instant()
    reference = serializers.CharField()
    title = serializers.CharField()
    share = serializers.SerializerMethodField()
    minutes = serializers.DecimalField(max_digits=20, decimal_places=6)

    def get_share(self, part: Any) -> str:
        return f"{float(part.share):.9f}"


class BurnShown(serializers.Serializer[Any]):
    """Minutes of error budgets burned in the 28 days before `as_of`, and which share that is of all that was burned."""

    minutes = serializers.DecimalField(max_digits=20, decimal_places=6)
    share = serializers.SerializerMethodField()
    as_of = fields.Instant(allow_null=True)
    parts = BurnPartShown(many=True)

    def get_share(self, sheet: Any) -> str:
        return f"{sheet.share:.6f}"


class KnownErrorShown(ProblemShown):
    """A known error: what is seen, and what helps."""

    class Meta(ProblemShown.Meta):
        fields = (
            "number",
            "statement",
            "symptom",
            "cause",
            "workaround",
            "workaround_public",
            "service",
            "state",
            "url",
        )
