"""The change page in a fixed number of queries: the newest answer explained, its evidence, people, deployments."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from catalog.cmdb.queries.changed import called
from catalog.cmdb.queries.history import HIDDEN
from catalog.services.queries import arrows_among, names_of
from changes.change.models import Change, Decision, Deployment, Evaluation, Override
from changes.change.models.change import ChangeQuerySet
from changes.change.queries import listing
from changes.change.queries.evidence_rows import EvidenceRow, evidence_rows
from changes.change.queries.explanation import Explanation, explanation
from changes.change.queries.headlines import Headline, headline
from changes.change.queries.overrides import override_of
from changes.change.queries.proof_table import ProofRow, proof_table
from changes.change.queries.since import Since, held_because, since
from changes.change.queries.turns import Place, place_of
from changes.change.queries.verdicts import Explained, of_decision
from changes.gate.canonical import from_json
from changes.gate.evidence import Evidence
from changes.gate.policy import Policy
from changes.policies import queries as policy_queries
from itsm.approvals.deciders import Deciders, deciders
from itsm.approvals.eligibility import refuse_unless_asked
from itsm.approvals.models import ApprovalPlan, ApprovalRequest
from itsm.approvals.progress import StepShown, progress
from itsm.approvals.queries import about
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.work.linking import links_of
from slo.objectives.queries.standing import window_days_of

_DECISIONS_SHOWN = 20
_RECENT = 10
_SOON = timedelta(hours=1)
_BEFORE_AN_INCIDENT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class EvaluationSheet:
    """One decision, opened: the verdict in words, the evidence as rows, the policy it was made under."""

    decision: Decision
    said: Explained
    evidence: Evidence
    policy: Policy
    rows: list[EvidenceRow]
    proof_table: list[ProofRow]

    @property
    def explanation(self) -> Explanation:
        """The explanation of the verdict, for people."""
        return explanation(self.said)

    @property
    def objective(self) -> str:
        """The measured objective that decided, for its burn-down: that of the first reason with one, else the first."""
        spoke = (one.reason.values.get("objective", "") for one in self.said.reasons)
        measured = [one.objective for one in self.said.budgets if one.remaining is not None]
        return next((slug for slug in (*spoke, *measured) if slug in measured), "")


@dataclass(frozen=True, slots=True)
class Record:
    """What the page of a change shows besides the change itself."""

    evaluation: Evaluation | None
    judged: EvaluationSheet | None
    is_newest: bool
    has_ended: bool  # the answer to the newest question is good no more, and was never used
    headline: Headline
    decisions: list[Decision]
    asks: list[ApprovalRequest]
    deployments: list[Deployment] = field(default_factory=list)
    since: Since | None = None
    held: list[str] = field(default_factory=list)
    deciders: Deciders | None = None
    ends_soon: bool = False
    place: Place | None = None
    override: Override | None = None
    before: list[StepShown] = field(default_factory=list)

    @property
    def is_waiting(self) -> bool:
        """Whether the newest evaluation waits for an answer."""
        return self.evaluation is not None and self.evaluation.status == Evaluation.Status.PENDING

    def ask_for(self, change: Change, actor: Actor) -> ApprovalRequest | None:
        """What is asked now; of several parts of a step one that this person may answer."""
        asked = [ask for ask in self.asks if ask.status == ApprovalRequest.Status.OPEN]
        mine = (ask for ask in asked if len(asked) == 1 or not why_not(ask, change, actor))
        return next(mine, asked[0] if asked else None)


def record(change: Change, at: datetime, chosen: int | None = None) -> Record:
    """What the page of a change shows at this instant. `chosen`: an earlier decision to look at, not the newest."""
    evaluation = change.evaluations.order_by("-asked_at", "-id").first()
    decisions = list(
        change.decisions.select_related("policy")
        .defer("evidence", "verdict", "policy__content")
        .order_by("-id")[:_DECISIONS_SHOWN]
    )
    wanted = next((one for one in decisions if one.pk == chosen), decisions[0] if decisions else None)
    asks = about(change)
    judged = opened(wanted) if wanted else None
    approval = next((ask for ask in asks if ask.status == ApprovalRequest.Status.OPEN), None)
    is_newest = bool(decisions) and wanted is decisions[0]
    newest = judged if is_newest or judged is None else opened(decisions[0])
    if evaluation is not None and newest is not None and newest.decision.pk == evaluation.decision_id:
        evaluation.decision = newest.decision  # as it was opened: it is not read twice
    return Record(
        evaluation,
        judged,
        is_newest,
        evaluation is not None and evaluation.stands(at) in Evaluation.ENDED,
        headline(evaluation, newest.said if newest else None, asks, at),
        decisions,
        asks,
        list(
            change.deployments.select_related("started_by", "roll_back_call__back_to__change")
            .prefetch_related("stages")
            .order_by("-number")
        ),
        since(evaluation, change, at) if evaluation and is_newest else None,
        held_because(evaluation, at) if evaluation else [],
        deciders(approval) if approval and not approval.part else None,  # of a step its parts say who
        _ends_soon(evaluation, at),
        place_of(evaluation, newest.said) if evaluation and newest else None,
        override_of(evaluation),
        progress(plan) if (plan := _plan_of(asks)) else [],
    )


def _plan_of(asks: Sequence[ApprovalRequest]) -> ApprovalPlan | None:
    """The steps before the authority that was asked last, or is to be."""
    newest = next((ask for ask in asks if ask.plan_id is not None), None)
    return newest.plan if newest else None


def _ends_soon(evaluation: Evaluation | None, at: datetime) -> bool:
    """What people approved, and nobody has used, ends within the hour."""
    if evaluation is None or evaluation.decided_by != Evaluation.DecidedBy.PERSON or evaluation.used_at is not None:
        return False
    ends = evaluation.expires_at
    return evaluation.status == Evaluation.Status.APPROVED and ends is not None and at < ends <= at + _SOON


def opened(decision: Decision) -> EvaluationSheet:
    """A kept decision with its evidence, policy and verdict, as a page shows it."""
    decision.refresh_from_db(fields=["evidence", "verdict"])
    said, evidence = of_decision(decision), from_json(Evidence, decision.evidence)
    policy = policy_queries.parsed(decision.policy_id)
    rows = evidence_rows(said, evidence, policy, _window_days(said))
    return EvaluationSheet(decision, said, evidence, policy, rows, proof_table(evidence))


def _window_days(said: Explained) -> dict[str, int]:
    """Objective slug -> the window of the version that was judged."""
    versions = {one.objective: one.objective_version for one in said.budgets if one.objective_version}
    return window_days_of(versions)


def stamp(change: Change) -> str:
    """Differs as soon as the change has moved, was judged differently, is held, or what it may has lapsed."""
    newest = change.evaluations.order_by("-asked_at", "-id").values_list("version", flat=True).first()
    return f"{change.version}-{change.status}-{change.verdict_now}-{newest or 0}"


def since_now(change: Change, at: datetime) -> Since | None:
    """What has changed since the newest answer, for who is about to approve."""
    newest = change.evaluations.select_related("decision").order_by("-asked_at", "-id").first()
    return since(newest, change, at) if newest else None


def why_not(ask: ApprovalRequest | None, change: Change, actor: Actor) -> str:
    """Why this person may not answer the open ask; empty when they may, or when nothing is asked."""
    if ask is None:
        return ""
    try:
        refuse_unless_asked(ask, actor, change.reference)
    except NotPermitted as refused:
        return refused.detail
    answered = not ask.panel_kind and any(answer.by_id == actor.whose_work for answer in ask.answers.all())
    return _("You have answered; another person's answer is still needed.") if answered else ""


def reach_picture(judged: EvaluationSheet) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    """Nodes (slug, name, state, here) of the services in the evidence, and the arrows among them as they are now; the
    items that lay between by the names that they have now."""
    reach = judged.evidence.reach.value
    if reach is None:
        return [], []
    here = {service.slug for service in reach.direct}
    states = {one.slug: one.state for one in reach.reached}
    names = names_of([*here, *states])
    nodes = [
        {"slug": s, "name": names.get(s, s), "state": states.get(s, ""), "here": s in here} for s in (*here, *states)
    ]
    ways = [(one.slug, *one.path) for one in reach.reached if one.path]
    between = dict.fromkeys(step for way in ways for step in way if step not in names and step != HIDDEN)
    named = called(between)
    nodes += [{"slug": step, "name": named.get(step, step), "state": "", "here": False} for step in between]
    drawn = {pair for way in ways for pair in pairwise(step for step in way if step != HIDDEN)}
    return nodes, list(dict.fromkeys([*arrows_among(list(names)), *sorted(drawn)]))


def with_due(changes: ChangeQuerySet) -> ChangeQuerySet:
    """Each with the time by which people are asked to decide."""
    asked = ApprovalRequest.objects.filter(
        record_kind=Change.kind, record_id=OuterRef("pk"), status=ApprovalRequest.Status.OPEN
    )
    return changes.annotate(due_at=Subquery(asked.values("due_at")[:1]))


def recent_on(actor: Actor, service_id: int) -> list[Change]:
    """The newest changes of a service that this actor may see, newest first."""
    return list(listing.listed(actor).filter(service=service_id).order_by("-id")[:_RECENT])


def of_item(actor: Actor, item: Any) -> list[Change]:
    """The newest changes that name a configuration item or are linked to it, as far as this actor sees them."""
    linked = links_of(item).filter(from_kind=Change.kind).values("from_id")
    naming = Q(items__contains=[item.pk]) | Q(pk__in=linked)
    return list(listing.listed(actor).filter(naming).order_by("-id")[:_RECENT])


def near_incident(actor: Actor, service_id: int | None, opened_at: datetime) -> list[Change]:
    """Changes on the incident's service that ran, or were asked for, in the day before it began or since."""
    if service_id is None:
        return []
    since = opened_at - _BEFORE_AN_INCIDENT
    near = Q(started_at__gte=since) | Q(created_at__gte=since)
    return list(listing.listed(actor).filter(near, service=service_id).order_by("-id")[:_RECENT])
