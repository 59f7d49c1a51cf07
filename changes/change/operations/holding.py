"""What people approved is looked at again at the start: what has become worse holds it, and they are asked "still?".

Promise: only worse news holds (`gate.decisive`); nothing is taken back; whoever may approve re-arms it with one answer,
under the same four eyes, and that answer says what they knew. Where the news has passed by itself, so has the hold.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext

from changes.change.models import Change, Evaluation
from changes.change.operations.evaluations import GATE, live_evaluation
from changes.change.operations.lasting import HELD, approvers_of, people_of
from changes.change.queries.closures import closing_now
from changes.change.queries.since import as_of, known_to_gate, known_to_people, said, stored
from changes.gate.canonical import to_json
from changes.gate.decisive import Decisive, News, seen_mark, worse
from changes.gate.measures import instant_text
from itsm import lifecycle
from itsm.approvals import operations as approvals
from itsm.approvals.asked import Panel
from itsm.approvals.models import ApprovalRequest
from itsm.approvals.queries import open_about
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Held, WrongState
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import saying as _

LOOK_AGAIN = timedelta(minutes=1)  # how soon what is held goes again by itself, once nothing holds it


@dataclass(frozen=True, slots=True)
class Looked:
    """What decides now, and what is worse of it than the approvers knew, or the gate where nobody approved yet."""

    now: Decisive
    news: tuple[News, ...]

    @classmethod
    def at(cls, change: Change, evaluation: Evaluation, at: datetime) -> "Looked":
        """What counts for a decision at this time, and what of it is worse than what the approvers knew."""
        known = known_to_people(evaluation)
        if known is None and evaluation.decision is not None:
            known = known_to_gate(evaluation.decision)
        now, _evidence = as_of(evaluation, change, at)
        return cls(now, worse(known or Decisive(), now))

    def refuse_unless_seen(self, change: Change, seen: str | None) -> None:
        """Nobody approves into an incident without having seen it."""
        mark = seen_mark(self.news)
        if seen is None or seen == mark or not self.news:
            return
        words = {"change": change.reference, "news": " ".join(said(self.news))}
        raise WrongState(
            gettext("Before you approve %(change)s, see what has changed since the gate looked: %(news)s") % words,
            news=said(self.news),
            seen=mark,
        )

    def remember(self, evaluation: Evaluation, at: datetime) -> None:
        """This is what the approvers knew."""
        evaluation.known, evaluation.known_at = to_json(self.now), at
        evaluation.save(update_fields=["known", "known_at"])


def hold_where_worse(change: Change, evaluation: Evaluation, *, actor: Actor, at: datetime) -> Held | None:
    """The refusal of a start, after asking the approvers again; None where nothing is worse than what they knew.

    The caller holds the locks, and commits what is written here though the start is refused.

    Raises nothing.
    """
    news = Looked.at(change, evaluation, at).news or _closed(change, evaluation, at)
    if not news:
        _let_go(change, evaluation, at)
        return None
    if evaluation.held != stored(news):
        _hold(change, evaluation, news, actor, at)
    words = {"change": change.reference, "news": " ".join(said(news))}
    return Held(
        gettext("%(change)s is held: %(news)s Those who approved it are asked whether it may still go.") % words,
        state=change.status,
        news=said(news),
    )


def look_again(change_id: int, at: datetime) -> None:
    """Due: what held a start may have passed by itself; then it may start, and those who wait for it are told."""
    change = lifecycle.locked(Change.objects.get(pk=change_id))
    evaluation = live_evaluation(change)
    if evaluation is None or evaluation.held is None:
        return
    if Looked.at(change, evaluation, at).news or _closed(change, evaluation, at):
        due.schedule(HELD, change.kind, change.pk, at + LOOK_AGAIN)
        return
    _let_go(change, evaluation, at)
    notify(
        people_of(change),
        _("%(change)s may start: what held it has passed") % {"change": change.reference},
        path=change.get_absolute_url(),
        record=change,
        by=("change.goes_on", "caller"),
    )


def _closed(change: Change, evaluation: Evaluation, at: datetime) -> tuple[News, ...]:
    """A closure that they knew of, and that leaves people no say while it lasts."""
    closed = closing_now(change, evaluation, at)
    if closed is None:
        return ()
    values = {"kind": closed.window_type, "reference": closed.name, "ends_at": instant_text(closed.ends_at)}
    return (News("calendar_closes", values, worse=True),)


def _hold(change: Change, evaluation: Evaluation, news: tuple[News, ...], actor: Actor, at: datetime) -> None:
    sentences = said(news)
    evaluation.held, evaluation.held_at = stored(news), evaluation.held_at or at
    evaluation.version += 1
    evaluation.save(update_fields=["held", "held_at", "version"])
    due.schedule(HELD, change.kind, change.pk, at + LOOK_AGAIN)
    remark = " ".join(sentences)
    lifecycle.announce(change, "held", actor=GATE, changes={"news": [None, sentences]}, remark=remark)
    words = {"change": change.reference, "news": remark}
    notify(
        people_of(change),
        _("%(change)s is held: %(news)s") % words,
        body=_("Those who approved it are asked whether it may still go."),
        path=change.get_absolute_url(),
        record=change,
        by=("change.stopped", "caller"),
    )
    _ask_again(change, evaluation, actor, gettext("%(change)s: may it still go? %(news)s") % words, at)


def _ask_again(change: Change, evaluation: Evaluation, actor: Actor, subject: str, at: datetime) -> None:
    """The same authority as before; who carries it out has an interest by now. An open ask of theirs stays open."""
    approval = open_about(change)
    before = (
        ApprovalRequest.objects.filter(
            record_kind=change.kind, record_id=change.pk, status=ApprovalRequest.Status.APPROVED
        )
        .order_by("-id")
        .first()
    )
    if approval is not None or before is None:
        by = ("approval.asked", "approver")
        notify(approvers_of(change), subject, path=change.get_absolute_url(), record=change, by=by)
        return
    excluded = {*change.interested, *before.excluded, *({actor.id} if actor.id else ())}
    approvals.ask(
        change,
        Panel(
            before.authority,
            before.role,
            before.team,
            before.quorum,
            excluded,
            before.panel_kind,
            before.panel_id,
            before.rule,
        ),
        content_hash=change.content_hash,
        at=at,
        due_at=evaluation.expires_at,
        subject=subject,
    )


def confirm(change: Change, evaluation: Evaluation, *, actor: Actor, comment: str, at: datetime) -> None:
    """Those who may approve say "still": what they knew is remembered by now, and it may start again.

    Raises WrongState once the authorisation has expired.
    """
    if evaluation.expires_at is not None and evaluation.expires_at <= at:
        raise WrongState(
            gettext("The authorisation of %(change)s has expired; it has to be asked for again.")
            % {"change": change.reference}
        )
    _clear(evaluation)
    lifecycle.announce(change, "confirmed", actor=actor, remark=comment)


def _let_go(change: Change, evaluation: Evaluation, at: datetime) -> None:
    if evaluation.held is None:
        return
    approvals.withdraw(change, at=at, why=gettext("what held it has passed"))
    _clear(evaluation)
    lifecycle.announce(change, "let_go", actor=GATE)


def _clear(evaluation: Evaluation) -> None:
    due.cancel(Change.kind, evaluation.change_id, HELD)
    evaluation.held, evaluation.held_at = None, None
    evaluation.version += 1
    evaluation.save(update_fields=["held", "held_at", "version"])
