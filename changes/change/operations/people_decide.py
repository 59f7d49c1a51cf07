"""People decide: with four eyes, on one content, with a name and, for a no, a reason."""

from datetime import datetime
from typing import TypedDict
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from changes.calendar.operations.locking import share_calendar
from changes.change import permissions
from changes.change.models import Change, Evaluation
from changes.change.operations.acting import ask_authority, authority_of
from changes.change.operations.disinterest import require_own_or_no_interest
from changes.change.operations.evaluations import GATE, end, grant, live_evaluation
from changes.change.operations.holding import Looked, confirm
from changes.change.operations.lasting import notify_decided, notify_gone_up, person_approval_until, promise_notice
from changes.change.queries.closures import closing_now
from changes.change.workflow import NORMAL
from changes.gate.canonical import from_json
from changes.gate.verdict import Verdict
from itsm import lifecycle
from itsm.accounts.step_up import require_proof
from itsm.approvals import operations as approvals
from itsm.approvals import plans
from itsm.approvals.eligibility import refuse_unless_asked
from itsm.approvals.models import ApprovalDecision, ApprovalRequest
from itsm.approvals.queries import open_about
from itsm.kernel.actors import Actor
from itsm.kernel.errors import WrongState


class _Said(TypedDict):
    decision: str
    comment: str
    content_hash: str
    at: datetime


_Status = ApprovalRequest.Status
_AS_ANSWER: dict[str, str] = {
    ApprovalRequest.Status.APPROVED: ApprovalDecision.Decision.APPROVE,
    ApprovalRequest.Status.DECLINED: ApprovalDecision.Decision.DECLINE,
}


def may_be_heard(actor: Actor, change: Change) -> bool:
    """Whether this person's answer counts, whatever it is. NotPermitted with the rule where one stands in the way."""
    approval = open_about(change)
    if approval is None:
        return plans.require_asked(change, actor) or permissions.authorities(actor, change)
    refuse_unless_asked(approval, actor, change.reference)
    return True


@transaction.atomic
def decide_by_person(
    change: Change,
    *,
    actor: Actor,
    decision: str,
    comment: str,
    at: datetime,
    seen: str | None = None,
    version: int | None = None,
    version_required: bool = False,
    vote_id: UUID | None = None,
) -> Change:
    """Approve or decline what waits for people, or what they approved and are asked about again; or vote in a board.

    `vote_id`: the client's id of a vote; the same vote sent twice counts once.

    `seen`: the mark of what has become worse since somebody last looked, as it was shown to this person ("" for
    nothing); an approval that has not seen all of it is refused with the news. None: the caller vouches for it.

    `version`: of the change as it was read; what its author has written anew since is not answered unread. Whoever
    asks a person for the answer requires it; without it the caller vouches for that as well.

    Raises NotPermitted (four eyes, not asked, not a person), PasswordNeeded (an emergency), WrongState (nothing
    waits, content changed, calendar closed since, not seen), StaleVersion, VersionRequired, MissingInformation
    (declined without a word).
    """
    share_calendar()  # before the change, as everywhere
    change = lifecycle.locked(change)
    if approvals.already_cast(change, actor=actor, decision=decision, vote_id=vote_id):
        return change
    said: _Said = {"decision": decision, "comment": comment, "content_hash": change.content_hash, "at": at}
    approval = outcome = None
    if plans.open_plan(change) is None:
        approval = approvals.answer(change, actor=actor, vote_id=vote_id, **said)
    else:
        outcome = plans.answer_plan(change, actor=actor, **said)
    if decision == ApprovalDecision.Decision.APPROVE and permissions.weighs_much(change):
        require_proof(actor, doing=gettext("approve an emergency"))
    lifecycle.check_version(change, version, required=version_required)
    evaluation = live_evaluation(change)
    if evaluation is None:
        raise WrongState(
            gettext("%(change_reference)s no longer waits for a decision.") % {"change_reference": change.reference}
        )
    noted = approvals.noted(approval) if approval else plans.noted(change)
    lifecycle.announce(change, "answered", actor=actor, changes=noted, remark=comment)
    looked = None
    if decision == ApprovalDecision.Decision.APPROVE or (approval and approval.status == _Status.APPROVED):
        looked = Looked.at(change, evaluation, at)
        looked.refuse_unless_seen(change, seen)
    if approval is None:
        _go_on(change, evaluation, outcome, actor=actor, at=at)
    else:
        carry_out(change, evaluation, approval, actor=actor, comment=comment, at=at, looked=looked)
    if approval is None or not approval.panel_kind:
        notify_decided(change, actor, decision, comment)
    change.refresh_from_db()
    return change


def _go_on(
    change: Change, evaluation: Evaluation, outcome: plans.PlanOutcome | None, *, actor: Actor, at: datetime
) -> None:
    """The authority is asked in the same transaction once all steps before it approve."""
    decision = evaluation.decision
    if outcome is plans.PlanOutcome.DECLINED:
        _decline(change, evaluation, actor, at)
    elif outcome is plans.PlanOutcome.APPROVED and decision is not None:
        verdict = from_json(Verdict, decision.verdict)
        as_long = authority_of(change, verdict).due_at - verdict.decided_at
        ask_authority(change, verdict, due_at=at + as_long, at=at, is_new=True)


def carry_out(
    change: Change,
    evaluation: Evaluation,
    approval: ApprovalRequest,
    *,
    actor: Actor,
    comment: str,
    at: datetime,
    looked: Looked | None = None,
) -> None:
    """Do what an ask has come to by now, if anything; of a board its requester hears. The caller holds the locks.

    `looked`: where the caller has just looked at what decides now.

    Raises WrongState (calendar closed since, the window is over).
    """
    if approval.status == ApprovalRequest.Status.APPROVED:
        _authorise(change, evaluation, looked or Looked.at(change, evaluation, at), actor, comment, at)
    elif approval.status == ApprovalRequest.Status.DECLINED:
        _decline(change, evaluation, actor, at)
    elif approval.status == ApprovalRequest.Status.WITHDRAWN:  # too few were left: those above are asked
        notify_gone_up(change, approval)
    if approval.panel_kind and approval.status in _AS_ANSWER:
        notify_decided(change, Actor.system(approval.authority), _AS_ANSWER[approval.status], comment)


def _authorise(
    change: Change, evaluation: Evaluation, looked: Looked, actor: Actor, comment: str, at: datetime
) -> None:
    closed = closing_now(change, evaluation, at)
    # What is planned for after it may be let go by people as by the policy: it is looked at again as it starts.
    if closed is not None and (change.window_start is None or change.window_start < closed.ends_at):
        raise WrongState(
            gettext("%(get_window_type_display)s “%(closed_name)s” lasts until %(ends_at)s UTC.")
            % {
                "get_window_type_display": closed.kind_in_words,
                "closed_name": closed.name,
                "ends_at": f"{closed.ends_at:%Y-%m-%d %H:%M}",
            }
        )
    if change.window_end is not None and change.window_end <= at:
        raise WrongState(
            gettext("The window of %(change_reference)s has closed; ask again.")
            % {"change_reference": change.reference}
        )
    looked.remember(evaluation, at)
    if evaluation.status == Evaluation.Status.APPROVED:
        confirm(change, evaluation, actor=actor, comment=comment, at=at)
        return
    until = person_approval_until(change, at)
    grant(change, evaluation, actor=actor, until=until, decided_by=Evaluation.DecidedBy.PERSON, at=at, remark=comment)
    promise_notice(change, until, at)


def _decline(change: Change, evaluation: Evaluation, actor: Actor, at: datetime) -> None:
    """What waits goes back on their word; what they had approved, on Headroom's: their answer stands beside it."""
    rejected, approved = Evaluation.Status.REJECTED, evaluation.status == Evaluation.Status.APPROVED
    evaluation.decided_by = Evaluation.DecidedBy.PERSON
    evaluation.save(update_fields=["decided_by"])
    if approved:
        end(evaluation, actor=GATE, status=rejected, why=gettext("declined when asked again"), at=at)
    else:
        end(evaluation, actor=actor, status=rejected, why=gettext("declined"), at=at, action="decline")


@NORMAL.takes("cancel")
@transaction.atomic
def cancel(change: Change, *, actor: Actor, at: datetime, why: str = "") -> Change:
    """Call a change off. Repeating it on a cancelled change is refused by the table.

    Raises WrongState and NotPermitted.
    """
    change = lifecycle.locked(change)
    change.workflow.begin("cancel", actor, change)
    require_own_or_no_interest(change, actor, doing=gettext("cancel the change of somebody else"))
    evaluation = live_evaluation(change)
    if evaluation is not None:
        end(
            evaluation,
            actor=actor,
            status=Evaluation.Status.CANCELLED,
            why=why or gettext("cancelled"),
            at=at,
            action="cancel",
        )
    else:
        with lifecycle.step(change, "cancel", actor=actor, remark=why):
            pass
    change.refresh_from_db()
    return change


@NORMAL.takes("revert")
@transaction.atomic
def revert(change: Change, *, actor: Actor, at: datetime) -> Change:
    """The author takes it back to draft, to write it anew; what was asked or authorised ends.

    Raises WrongState and NotPermitted.
    """
    change = lifecycle.locked(change)
    evaluation = live_evaluation(change)
    if evaluation is not None:
        end(evaluation, actor=actor, status=Evaluation.Status.CANCELLED, why=gettext("taken back"), at=at)
    else:
        with lifecycle.step(change, "revert", actor=actor) as current:
            current.authorised_until = None
    change.refresh_from_db()
    return change


@transaction.atomic
def cancel_evaluation(evaluation: Evaluation, *, actor: Actor, at: datetime) -> Evaluation:
    """A pipeline was aborted: its evaluation and change end. Repeatable.

    Raises NotPermitted, and WrongState once it was used.
    """
    if evaluation.status in (Evaluation.Status.CANCELLED, Evaluation.Status.REJECTED, Evaluation.Status.EXPIRED):
        return evaluation
    change = lifecycle.locked(evaluation.change)
    change.workflow.begin("cancel", actor, change)
    require_own_or_no_interest(change, actor, doing=gettext("cancel the change of somebody else"))
    evaluation.refresh_from_db(fields=["used_at"])  # under the lock: it may have been used meanwhile
    if evaluation.used_at is not None:
        raise WrongState(gettext("This authorisation has been used; report how the deployment went instead."))
    return end(
        evaluation, actor=actor, status=Evaluation.Status.CANCELLED, why=gettext("cancelled"), at=at, action="cancel"
    )
