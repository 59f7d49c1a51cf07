"""What a verdict brings about: the change goes, waits for time or people, or does not go."""

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from changes.change.models import Change, Evaluation
from changes.change.operations import steps_before
from changes.change.operations.asked_boards import panel_of
from changes.change.operations.evaluations import (
    EVALUATE_AGAIN,
    GATE,
    PEOPLE_IN_TIME,
    end_locked,
    good_until,
    grant,
    reserve_budgets,
    save_fields,
)
from changes.change.operations.lasting import notify_of_time_out
from changes.change.queries.pre_reads import pre_read
from changes.change.queries.shadows import allowed_in_shadow
from changes.change.queries.verdicts import explained
from changes.change.workflow import BY_CLASS
from changes.gate.sentences import reason_sentence
from changes.gate.verdict import Authority, Verdict
from changes.gate.vocabulary import WITHOUT_PEOPLE, Decider, Outcome
from itsm import lifecycle
from itsm.accounts.models import Team
from itsm.approvals import operations as approvals
from itsm.approvals.asked import Panel
from itsm.approvals.models import ApprovalPlan
from itsm.approvals.plans import withdraw_plan
from itsm.approvals.queries import open_about
from itsm.clocks import due
from itsm.kernel.actors import Role

if TYPE_CHECKING:
    from slo.models import Budget

SHADOW_GRANT = timedelta(hours=1)  # as long as an approval by the policy as it comes
ROLE_OF = {
    Decider.PEER: Role.APPROVER,
    Decider.OWNER: Role.OWNER,
    Decider.CAB: Role.APPROVER,
    Decider.EMERGENCY_AUTHORITY: Role.MANAGER,
    Decider.ECAB: Role.MANAGER,
}


def _describe(change: Change, verdict: Verdict) -> None:
    """What lists show without opening decisions; and the class as it was derived, not as it was claimed."""
    change.verdict, change.risk = verdict.outcome.value, verdict.risk.value
    change.change_class, change.not_before = verdict.change_class, verdict.not_before


def _keep_described(change: Change, verdict: Verdict) -> None:
    _describe(change, verdict)
    change.save(update_fields=["verdict", "risk", "change_class", "not_before"])


def _derive_class(change: Change, verdict: Verdict) -> None:
    """Where the class that was found waits elsewhere, it walks over there by its own table, and the reason is kept.

    Until the verdict it waits where the class that was claimed does.
    """
    there = BY_CLASS[verdict.change_class].steps["submit"].target
    if change.status == there:
        return
    leads_over = next(
        one.action for one in change.workflow.steps.values() if change.status in one.sources and one.target == there
    )
    why = " ".join(reason_sentence(one, gettext) for one in verdict.reasons if one.code.endswith("_refused"))
    with lifecycle.step(change, leads_over, actor=GATE, remark=why, locked_by_caller=True):
        change.change_class = verdict.change_class


def act(evaluation: Evaluation, change: Change, verdict: Verdict, budgets: "list[Budget]", at: datetime) -> None:
    """Grant, reject, postpone, or ask people, as the verdict says; the caller holds all the locks."""
    _derive_class(change, verdict)
    shadow_ends = allowed_in_shadow(change.service_id, verdict, at)
    if shadow_ends is not None:
        _allow_in_shadow(evaluation, change, verdict, budgets, shadow_ends, at)
    elif verdict.outcome in WITHOUT_PEOPLE and verdict.expires_at is not None:
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


def _allow_in_shadow(
    evaluation: Evaluation, change: Change, verdict: Verdict, budgets: "list[Budget]", ends: datetime, at: datetime
) -> None:
    """It may go, whatever the verdict; what that would have reserved is, so that the next verdict is true as well."""
    until = min(good_until(change, verdict.expires_at or at + SHADOW_GRANT), ends)
    reserve_budgets(change, verdict, budgets, until=until, at=at)
    withdraw_plan(change, at, gettext("allowed in shadow"))
    answer = explained(verdict).answer
    grant(
        change,
        evaluation,
        actor=GATE,
        until=until,
        decided_by=Evaluation.DecidedBy.SHADOW,
        at=at,
        remark=gettext("in shadow, where nothing is stopped; the gate says “%(answer)s”") % {"answer": answer},
        describe=partial(_describe, change, verdict),
    )


def _postpone(evaluation: Evaluation, change: Change, verdict: Verdict, at: datetime) -> None:
    """Keeps its place; judged again at `not_before`, until the deadline of its first postponement has passed."""
    _keep_described(change, verdict)
    if evaluation.deadline is None:
        evaluation.deadline = verdict.deadline
    if evaluation.deadline is not None and at >= evaluation.deadline:
        expire_waiting(evaluation, change, gettext("still postponed at its deadline"), at)
        return
    evaluation.not_before = verdict.not_before
    evaluation.version += 1
    save_fields(evaluation, "outcome", "decision", "deadline", "not_before", "version")
    withdraw_plan(change, at, gettext("postponed"))
    if verdict.not_before is not None:
        # At the end of its window at the latest, so that nobody waits for what can no longer go.
        again = min(verdict.not_before, change.window_end or verdict.not_before)
        due.schedule(EVALUATE_AGAIN, change.kind, change.pk, again)


def expire_waiting(evaluation: Evaluation, change: Change, why: str, at: datetime) -> None:
    """It waited, and can wait no longer; who asked hears of it."""
    end_locked(evaluation, change, actor=GATE, status=Evaluation.Status.EXPIRED, why=why, at=at)
    notify_of_time_out(change, why)


def _ask_people(evaluation: Evaluation, change: Change, verdict: Verdict, at: datetime) -> None:
    _keep_described(change, verdict)
    is_new = evaluation._state.adding
    evaluation.not_before = None
    evaluation.version += 1
    save_fields(evaluation, "outcome", "decision", "not_before", "version")
    authority = authority_of(change, verdict)
    stands = steps_before.standing(evaluation, change, authority) if authority.before else ""
    if stands == ApprovalPlan.Status.OPEN:
        return
    if authority.before and stands != ApprovalPlan.Status.APPROVED:
        due.schedule(PEOPLE_IN_TIME, change.kind, change.pk, authority.due_at)
        steps_before.begin(
            evaluation, change, authority, at=at, subject=_subject(change),
            body=pre_read(change, explained(verdict), authority.due_at),
        )  # fmt: skip
        return
    ask_authority(change, verdict, due_at=authority.due_at, at=at, is_new=is_new)


def authority_of(change: Change, verdict: Verdict) -> Authority:
    """Who decides. A verdict for people names them; without a name nobody could: ValueError."""
    if verdict.authority is None:
        raise ValueError(f"verdict {verdict.outcome} of {change.reference} names no authority")
    return verdict.authority


def ask_authority(change: Change, verdict: Verdict, *, due_at: datetime, at: datetime, is_new: bool = False) -> None:
    """Put the ask to the authority itself, once every step before it has approved; the caller holds the change.

    Raises ValueError for a verdict without one.
    """
    authority = authority_of(change, verdict)
    by_team = authority.decider is Decider.PEER and authority.team
    team = Team.objects.filter(slug=authority.team).first() if by_team else None
    role = ROLE_OF[authority.decider].value
    panel = panel_of(change, authority, role, team)
    if not is_new and _asked_already(change, panel):
        return
    due.schedule(PEOPLE_IN_TIME, change.kind, change.pk, due_at)
    if not is_new:
        withdraw_plan(change, at, gettext("asked anew"))
    approvals.ask(
        change,
        panel,
        content_hash=change.content_hash,
        at=at,
        due_at=due_at,
        subject=_subject(change),
        body=pre_read(change, explained(verdict), due_at),
    )


def _subject(change: Change) -> str:
    words = {"change": change.reference, "summary": change.summary}
    return gettext("%(change)s waits for you: %(summary)s") % words


def _asked_already(change: Change, panel: Panel) -> bool:
    """Judged again, the same people are asked: their ask stays with its due time and what some have answered."""
    approval = open_about(change)
    if (
        approval is None
        or approval.content_hash != change.content_hash
        or not change.interested <= set(approval.excluded)
    ):
        return False
    asked = (approval.authority, approval.role, approval.quorum, approval.panel_kind, approval.panel_id, approval.rule)
    same = asked == (panel.authority, panel.role, panel.quorum, panel.kind, panel.number, panel.rule)
    return same and approval.team_id == (panel.team.pk if panel.team else None)
