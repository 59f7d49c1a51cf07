"""How long a person's approval lives, and who is told before it ends and when it has.

Promise: until its window ends, or the policy's working days from the decision. Both sides hear of the end an hour
before it and when it is there: who asked, and who approved. For a program its owner hears.
"""

from datetime import datetime, timedelta

from django.db.models import Q

from changes.change.models import Change, Evaluation
from changes.gate.measures import business_days_after
from changes.policies import queries as policies
from itsm.accounts.models import User
from itsm.approvals.models import ApprovalDecision, ApprovalRequest
from itsm.approvals.queries import open_about
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import saying as _

ENDS_SOON = "changes.approval_ends_soon"
HELD = "changes.held_again"
NOTICE = timedelta(hours=1)


def person_approval_until(change: Change, at: datetime) -> datetime:
    """The end of the window; without one, the same time of day so many working days later (UTC)."""
    if change.window_end is not None:
        return change.window_end
    return business_days_after(at, policies.in_force().limits.person_approval_working_days)


def promise_notice(change: Change, until: datetime, at: datetime) -> None:
    """An hour before the end; what lives no longer than that was just approved, and nobody needs telling."""
    if until - NOTICE > at:
        due.schedule(ENDS_SOON, change.kind, change.pk, until - NOTICE)


def people_of(change: Change) -> list[User]:
    """The people with an interest in it; for a program the person who owns it."""
    theirs = Q(pk__in=change.interested) | Q(pk__in=User.objects.filter(pk__in=change.interested).values("owner"))
    return list(User.objects.active_people().filter(theirs))


def approvers_of(change: Change) -> list[User]:
    """Who approved this change as it is, the newest first."""
    approved = ApprovalDecision.objects.filter(
        ask__record_kind=change.kind,
        ask__record_id=change.pk,
        content_hash=change.content_hash,
        decision=ApprovalDecision.Decision.APPROVE,
        by__is_active=True,
    )
    return [answer.by for answer in approved.select_related("by").order_by("-at")]


def notify_of_end(change: Change, evaluation: Evaluation, *, ended: bool) -> None:
    """Both sides; only a person's approval has them."""
    if evaluation.decided_by != Evaluation.DecidedBy.PERSON or evaluation.expires_at is None:
        return
    words = {"change": change.reference, "until": f"{evaluation.expires_at:%Y-%m-%d %H:%M}"}
    over = _("The approval of %(change)s has ended unused")
    subject = over if ended else _("The approval of %(change)s ends in an hour")
    body = (
        _("It was good until %(until)s UTC. To go, it has to be asked for again.")
        if ended
        else _("It is good until %(until)s UTC. What has not started by then has to be asked for again.")
    )
    people = [*people_of(change), *approvers_of(change)]
    by = ("change.approval_ends", "caller")
    notify(people, subject % words, body=body % words, path=change.get_absolute_url(), record=change, by=by)


def notify_of_time_out(change: Change, why: str) -> None:
    """What waited has ended without an answer; who asked hears why."""
    words = {"change": change.reference, "why": why}
    notify(
        people_of(change),
        _("%(change)s has ended without an answer: %(why)s") % words,
        body=_("To go, it has to be asked for again."),
        path=change.get_absolute_url(),
        record=change,
        by=("change.stopped", "caller"),
    )


def notify_gone_up(change: Change, approval: ApprovalRequest) -> None:
    """Who waits hears who is asked now."""
    above = open_about(change)
    words = {"change": change.reference, "board": approval.authority, "above": above.authority if above else ""}
    subject = _("%(change)s went on from %(board)s to %(above)s: too few were left who may decide") % words
    notify(people_of(change), subject, path=change.get_absolute_url(), record=change, by=("change.waits", "caller"))


def notify_decided(change: Change, actor: Actor, decision: str, comment: str) -> None:
    """Who asked hears what was said, and by whom. Raises nothing."""
    said = (
        _("%(change)s was approved by %(who)s")
        if decision == ApprovalDecision.Decision.APPROVE
        else _("%(change)s was declined by %(who)s")
    )
    notify(
        people_of(change),
        said % {"change": change.reference, "who": actor.name},
        body=comment,
        path=change.get_absolute_url(),
        record=change,
        by=("change.decided", "caller"),
    )
