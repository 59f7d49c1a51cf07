"""An evaluation is evaluated: lock the budgets, gather, decide, keep the decision, act on it; one transaction."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext

from changes.change import permissions as people
from changes.change.models import Change, Decision, Evaluation
from changes.change.operations.acting import act, expire_waiting
from changes.change.operations.evaluations import EVALUATE_AGAIN, GATE, live_evaluation
from changes.change.operations.locking import locked_budgets
from changes.change.queries.evidence import gather
from changes.change.queries.returning import some_return_before
from changes.gate.canonical import from_json, sha256_of, to_json
from changes.gate.decide import decide, sees_all
from changes.gate.evidence import Evidence
from changes.gate.verdict import Authority, Verdict
from changes.policies import operations as policies
from changes.policies import queries as policy_queries
from changes.policies.models import PolicyVersion
from itsm import lifecycle, rows
from itsm.audit.recording import record_event, together
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted, WrongState

if TYPE_CHECKING:
    from slo.models import Budget

# So soon after an answer, another like it would tell nothing: whoever clicks or polls is shown the one there is.
JUST_EVALUATED = timedelta(seconds=10)
_ONE_TURN = timedelta(seconds=1)


@transaction.atomic
@together()
def evaluate(evaluation: Evaluation, *, at: datetime) -> Evaluation:
    """Decide about an evaluation that waits, and act; its locks are taken in the order of `locking`."""
    budgets = locked_budgets(evaluation.change.service_id, evaluation.change.environment, at)
    change = lifecycle.locked(evaluation.change)
    evaluation = Evaluation.objects.select_for_update(of=("self",), no_key=True).get(pk=evaluation.pk)
    if evaluation.status != Evaluation.Status.PENDING:
        return evaluation
    return evaluate_locked(evaluation, change, budgets, at)


def evaluate_locked(evaluation: Evaluation, change: Change, budgets: "list[Budget]", at: datetime) -> Evaluation:
    """The same for a caller who holds all the locks and hands over the rows as they stand.

    An evaluation that is not stored yet is stored with its answer. What waited until its window was over
    ends, unjudged.
    """
    if change.window_end is not None and change.window_end <= at:
        expire_waiting(evaluation, change, gettext("its window closed while it waited"), at)
        return evaluation
    evaluation.change = change
    decision, verdict = _decide(evaluation, change, at)
    evaluation.decision = decision
    evaluation.outcome = verdict.outcome.value
    said = {"verdict": [change.verdict, verdict.outcome.value], "risk": [change.risk, verdict.risk.value]}
    if change.change_class != verdict.change_class:
        said["change_class"] = [change.change_class, verdict.change_class]
    record_event("change.evaluated", change, actor=GATE, changes=said)
    act(evaluation, change, verdict, budgets, at)
    return evaluation


class Judged(NamedTuple):
    """A verdict with what it was made of; `plain`: the evidence as JSON, as it is hashed and kept."""

    evidence: Evidence
    verdict: Verdict
    version: PolicyVersion
    plain: Any


def verdict_for(evaluation: Evaluation, at: datetime, *, what_would_help: bool = True) -> Judged:
    """Evidence, verdict and the ruling policy version, for the change as `evaluation.change` has it. Reads only."""
    version = policies.ruling(at)
    policy = policy_queries.parsed(version.pk)
    evidence = gather(evaluation, at, recovery_ratios=policy.recovery_ratios())
    plain = to_json(evidence)
    return Judged(evidence, decide(evidence, policy, what_would_help=what_would_help, plain=plain), version, plain)


def _decide(evaluation: Evaluation, change: Change, at: datetime) -> tuple[Decision, Verdict]:
    evidence, verdict, version, plain = verdict_for(evaluation, at)
    said = to_json(verdict)
    decision = Decision(
        evaluation_id=evaluation.pk,  # perhaps stored after it: the database looks when the transaction ends
        change=change,
        decided_at=at,
        outcome=verdict.outcome.value,
        policy=version,
        evidence=plain,
        evidence_hash=verdict.evidence_hash,
        verdict=said,
        verdict_hash=sha256_of(said),
        all_fresh=sees_all(evidence, policy_queries.parsed(version.pk)),
        objectives=[budget.objective for budget in verdict.budgets if budget.objective],
    )
    decision.known = verdict
    return rows.insert(decision), verdict


@transaction.atomic
def evaluate_now(change: Change, *, actor: Actor, at: datetime) -> Evaluation:
    """Somebody concerned wants what waits judged as things stand now. Its place, and an open ask, are kept.

    Asked within JUST_EVALUATED of the last answer, it is judged, and kept only where the answer is another.

    Raises NotPermitted, WrongState where nothing waits.
    """
    if not people.concerned(actor, change):
        raise NotPermitted(gettext("Who asked for it, or may decide about it, has it judged again."))
    budgets = locked_budgets(change.service_id, change.environment, at)
    change = lifecycle.locked(change)
    live = live_evaluation(change)
    evaluation = Evaluation.objects.select_for_update(of=("self",), no_key=True).get(pk=live.pk) if live else None
    if evaluation is None or evaluation.status != Evaluation.Status.PENDING:
        raise WrongState(
            gettext("%(change)s does not wait for an answer of the gate.") % {"change": change.reference},
            state=change.status,
        )
    if _as_just_evaluated(evaluation, change, at):
        return evaluation
    lifecycle.announce(change, "sent_to_gate", actor=actor)
    return evaluate_locked(evaluation, change, budgets, at)


def _as_just_evaluated(evaluation: Evaluation, change: Change, at: datetime) -> bool:
    """Whether the last decision is seconds old and would be made again, for the same reasons. Reads only."""
    last = evaluation.decision
    if last is None or not timedelta(0) <= at - last.decided_at < JUST_EVALUATED:
        return False
    if change.window_end is not None and change.window_end <= at:
        return False
    evaluation.change = change
    now = verdict_for(evaluation, at, what_would_help=False)
    return now.version.pk == last.policy_id and _grounds(now.verdict) == _grounds(from_json(Verdict, last.verdict))


def _grounds(verdict: Verdict) -> tuple[object, ...]:
    """What a verdict says, without the instants that run on by themselves."""
    authority = verdict.authority
    asked = _asked(authority) if authority else ()
    why = [(one.code, one.outcome, one.values, one.observed, one.limit) for one in verdict.reasons]
    return verdict.outcome, verdict.change_class, verdict.risk, asked, why


def _asked(authority: Authority) -> tuple[object, ...]:
    return authority.decider, authority.role, authority.team, authority.quorum, authority.before


def evaluate_again(change_id: int, at: datetime) -> None:
    """Due: a postponed change is looked at again, behind those before it that come back from a lockdown."""
    change = Change.objects.get(pk=change_id)
    evaluation = live_evaluation(change)
    if evaluation is None or evaluation.status != Evaluation.Status.PENDING or evaluation.outcome != "postponed":
        return
    if some_return_before(change, at):
        due.schedule(EVALUATE_AGAIN, change.kind, change.pk, at + _ONE_TURN)
        return
    evaluate(evaluation, at=at)
