"""An evaluation is evaluated: lock the budgets, gather, decide, keep the decision, act on it; one transaction."""

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext

from changes.change import permissions as people
from changes.change.models import Change, Decision, Evaluation
from changes.change.operations.evaluations import (
    EVALUATE_AGAIN,
    GATE,
    PEOPLE_IN_TIME,
    end_locked,
    good_until,
    grant,
    live_evaluation,
    reserve_budgets,
    save_fields,
)
from changes.change.operations.lasting import tell_of_time_out
from changes.change.operations.locking import locked_budgets
from changes.change.queries.evidence import gather
from changes.gate.canonical import from_json, sha256_of, to_json
from changes.gate.decide import decide, sees_all
from changes.gate.evidence import Evidence
from changes.gate.verdict import Authority, Verdict
from changes.gate.vocabulary import WITHOUT_PEOPLE, Decider, Outcome
from changes.policies import operations as policies
from changes.policies import queries as policy_queries
from changes.policies.models import PolicyVersion
from itsm import lifecycle, rows
from itsm.accounts.models import Team
from itsm.approvals import operations as approvals
from itsm.approvals.asked import Panel
from itsm.approvals.queries import open_about
from itsm.audit.recording import record_event, together
from itsm.clocks import due
from itsm.kernel.actors import Actor, Role
from itsm.kernel.errors import NotPermitted, WrongState

if TYPE_CHECKING:
    from slo.models import Budget

# So soon after an answer, another like it would tell nothing: whoever clicks or polls is shown the one there is.
JUST_EVALUATED = timedelta(seconds=10)
ROLE_OF = {
    Decider.PEER: Role.APPROVER,
    Decider.OWNER: Role.OWNER,
    Decider.CAB: Role.APPROVER,
    Decider.EMERGENCY_AUTHORITY: Role.MANAGER,
    Decider.ECAB: Role.MANAGER,
}


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
        _expire(evaluation, change, gettext("its window closed while it waited"), at)
        return evaluation
    evaluation.change = change
    decision, verdict = _decide(evaluation, change, at)
    evaluation.decision = decision
    evaluation.outcome = verdict.outcome.value
    said = {"verdict": [change.verdict, verdict.outcome.value], "risk": [change.risk, verdict.risk.value]}
    record_event("change.evaluated", change, actor=GATE, changes=said)
    _act(evaluation, change, verdict, budgets, at)
    return evaluation


def verdict_for(
    evaluation: Evaluation, at: datetime, *, what_would_help: bool = True
) -> tuple[Evidence, Verdict, PolicyVersion]:
    """Evidence, verdict and the ruling policy version, for the change as `evaluation.change` has it. Reads only."""
    version = policies.ruling(at)
    policy = policy_queries.parsed(version.pk)
    evidence = gather(evaluation, at, recovery_ratios=policy.recovery_ratios())
    return evidence, decide(evidence, policy, what_would_help=what_would_help), version


def _decide(evaluation: Evaluation, change: Change, at: datetime) -> tuple[Decision, Verdict]:
    evidence, verdict, version = verdict_for(evaluation, at)
    said = to_json(verdict)
    decision = Decision(
        evaluation_id=evaluation.pk,  # perhaps stored after it: the database looks when the transaction ends
        change=change,
        decided_at=at,
        outcome=verdict.outcome.value,
        policy=version,
        evidence=to_json(evidence),
        evidence_hash=verdict.evidence_hash,
        verdict=said,
        verdict_hash=sha256_of(said),
        all_fresh=sees_all(evidence, policy_queries.parsed(version.pk)),
        objectives=[budget.objective for budget in verdict.budgets if budget.objective],
    )
    decision.known = verdict
    return rows.insert(decision), verdict


def _describe(change: Change, verdict: Verdict) -> None:
    """What lists show without opening decisions; and the class as it was derived, not as it was claimed."""
    change.verdict, change.risk = verdict.outcome.value, verdict.risk.value
    change.change_class, change.not_before = verdict.change_class, verdict.not_before


def _keep_described(change: Change, verdict: Verdict) -> None:
    _describe(change, verdict)
    change.save(update_fields=["verdict", "risk", "change_class", "not_before"])


def _act(evaluation: Evaluation, change: Change, verdict: Verdict, budgets: "list[Budget]", at: datetime) -> None:
    if verdict.outcome in WITHOUT_PEOPLE and verdict.expires_at is not None:
        until = good_until(change, verdict.expires_at)
        reserve_budgets(change, verdict, budgets, until=until, at=at)
        describe = partial(_describe, change, verdict)
        grant(change, evaluation, actor=GATE, until=until, decided_by="policy", at=at, describe=describe)
    elif verdict.outcome is Outcome.BLOCKED:
        _keep_described(change, verdict)
        evaluation.decided_by = Evaluation.DecidedBy.POLICY
        rejected = Evaluation.Status.REJECTED
        end_locked(evaluation, change, actor=GATE, status=rejected, why=gettext("blocked by policy"), at=at)
    elif verdict.outcome is Outcome.POSTPONED:
        _postpone(evaluation, change, verdict, at)
    else:
        _ask_people(evaluation, change, verdict, at)


def _postpone(evaluation: Evaluation, change: Change, verdict: Verdict, at: datetime) -> None:
    """Keeps its place; judged again at `not_before`, until the deadline of its first postponement has passed."""
    _keep_described(change, verdict)
    if evaluation.deadline is None:
        evaluation.deadline = verdict.deadline
    if evaluation.deadline is not None and at >= evaluation.deadline:
        _expire(evaluation, change, gettext("still postponed at its deadline"), at)
        return
    evaluation.not_before = verdict.not_before
    evaluation.version += 1
    save_fields(evaluation, "outcome", "decision", "deadline", "not_before", "version")
    approvals.withdraw(change, at=at, why=gettext("postponed"))
    if verdict.not_before is not None:
        # At the end of its window at the latest, so that nobody waits for what can no longer go.
        again = min(verdict.not_before, change.window_end or verdict.not_before)
        due.schedule(EVALUATE_AGAIN, change.kind, change.pk, again)


def _expire(evaluation: Evaluation, change: Change, why: str, at: datetime) -> None:
    """It waited, and can wait no longer; who asked hears of it."""
    end_locked(evaluation, change, actor=GATE, status=Evaluation.Status.EXPIRED, why=why, at=at)
    tell_of_time_out(change, why)


def _ask_people(evaluation: Evaluation, change: Change, verdict: Verdict, at: datetime) -> None:
    _keep_described(change, verdict)
    is_new = evaluation._state.adding
    evaluation.not_before = None
    evaluation.version += 1
    save_fields(evaluation, "outcome", "decision", "not_before", "version")
    authority = verdict.authority
    if authority is None:  # a verdict for people names them; without a name nobody could decide
        raise ValueError(f"verdict {verdict.outcome} of {change.reference} names no authority")
    team = Team.objects.filter(slug=authority.team).first() if authority.decider is Decider.PEER else None
    role = ROLE_OF[authority.decider].value
    if not is_new and _asked_already(change, authority, role, team):
        return
    due.schedule(PEOPLE_IN_TIME, change.kind, change.pk, authority.due_at)
    approvals.ask(
        change,
        Panel(authority.role, role, team, authority.quorum, change.interested),
        content_hash=change.content_hash,
        at=at,
        due_at=authority.due_at,
        subject=f"{change.reference} waits for you: {change.summary}",
    )


def _asked_already(change: Change, authority: Authority, role: str, team: Team | None) -> bool:
    """Judged again, the same people are asked: their ask stays with its due time and what some have answered."""
    approval = open_about(change)
    if (
        approval is None
        or approval.content_hash != change.content_hash
        or not change.interested <= set(approval.excluded)
    ):
        return False
    same = (approval.authority, approval.role, approval.quorum) == (authority.role, role, authority.quorum)
    return same and approval.team_id == (team.pk if team else None)


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
    if last is None or last.policy_id is None or not timedelta(0) <= at - last.decided_at < JUST_EVALUATED:
        return False
    if change.window_end is not None and change.window_end <= at:
        return False
    evaluation.change = change
    _evidence, now, version = verdict_for(evaluation, at, what_would_help=False)
    return version.pk == last.policy_id and _grounds(now) == _grounds(from_json(Verdict, last.verdict))


def _grounds(verdict: Verdict) -> tuple[object, ...]:
    """What a verdict says, without the instants that run on by themselves."""
    authority = verdict.authority
    asked = (authority.decider, authority.role, authority.team, authority.quorum) if authority else ()
    why = [(one.code, one.outcome, one.values, one.observed, one.limit) for one in verdict.reasons]
    return verdict.outcome, verdict.change_class, verdict.risk, asked, why


def evaluate_again(change_id: int, at: datetime) -> None:
    """Due: a postponed change is looked at again."""
    evaluation = live_evaluation(Change.objects.get(pk=change_id))
    if evaluation is not None and evaluation.status == Evaluation.Status.PENDING and evaluation.outcome == "postponed":
        evaluate(evaluation, at=at)
