"""What a lockdown in force does to changes: what may start is put on hold, and has its place back once it is over.

Promise: as the lockdown begins, all that it hits and that may start waits, its authorisation revoked and its share of
the budget given back, in one transaction; what a person put on hold is left alone, before and after. What is owed
later (the beginning, the end, each change's return) are due rows, so it happens once, whatever is restarted meanwhile.
"""

from datetime import datetime

from django.utils.translation import gettext

from changes.calendar.models import CalendarWindow
from changes.calendar.operations.locking import close_calendar
from changes.calendar.queries.occurrences import Occurrence, as_occurrence
from changes.calendar.workflow import WindowStatus
from changes.change.models import Change, Evaluation, LockdownHold
from changes.change.operations.asking import ask_anew, locked_to_ask
from changes.change.operations.evaluations import GATE, end_locked, live_evaluation
from changes.change.operations.lasting import people_of
from changes.change.operations.previewing import hit_by
from changes.change.queries.closures import holds, judged_as
from changes.change.workflow import Status, a_way_back
from itsm import lifecycle
from itsm.audit.recording import together
from itsm.clocks import due
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import saying as _

BEGINS, ENDS, RETURNS = "changes.lockdown_begins", "changes.lockdown_ends", "changes.returns_from_lockdown"


def follow_enforced(window: CalendarWindow, *, at: datetime) -> None:
    """In the transaction that enforces it, under the calendar's lock. One that begins later holds from then on."""
    due.schedule(ENDS, window.kind, window.pk, window.ends_at)
    if window.starts_at > at:
        due.schedule(BEGINS, window.kind, window.pk, window.starts_at)
    else:
        _hold_what_it_hits(window, at)


def begins(window_id: int, at: datetime) -> None:
    """Due: it holds from now on."""
    close_calendar()
    window = lifecycle.locked(CalendarWindow.objects.get(pk=window_id))
    if window.status == WindowStatus.ENFORCED and window.ends_at > at:
        _hold_what_it_hits(window, at)


def ends(window_id: int, at: datetime) -> None:
    """Due: it is over by itself."""
    window = lifecycle.locked(CalendarWindow.objects.get(pk=window_id))
    if window.status == WindowStatus.ENFORCED and window.ends_at <= at:
        _owe_returns(window, at)


def follow_lifted(window: CalendarWindow, *, at: datetime) -> None:
    """In the transaction that lifts it: what it held is owed its return, in the order of their places."""
    due.cancel(window.kind, window.pk, BEGINS, ENDS)
    _owe_returns(window, at)


def _owe_returns(window: CalendarWindow, at: datetime) -> None:
    held = LockdownHold.objects.filter(window=window, ended_at=None).order_by("change_id")
    for change_id in held.values_list("change_id", flat=True):
        due.schedule(RETURNS, Change.kind, change_id, at)


def _hold_what_it_hits(window: CalendarWindow, at: datetime) -> None:
    occurrence = as_occurrence(window)
    for change in hit_by(window, at):
        if change.status == Status.SCHEDULED:
            _hold(lifecycle.locked(change), window, occurrence, at)
        elif change.status == Status.RUNNING:
            notify(
                people_of(change),
                _("%(change)s runs while the lockdown “%(name)s” holds what has not started")
                % {"change": change.reference, "name": window.name},
                body=window.reason,
                path=change.get_absolute_url(),
                record=change,
                by=("change.stopped", "caller"),
            )


def _hold(change: Change, window: CalendarWindow, occurrence: Occurrence, at: datetime) -> None:
    live = live_evaluation(change)
    if change.status != Status.SCHEDULED or live is None:
        return
    evaluation = Evaluation.objects.select_for_update(of=("self",), no_key=True).get(pk=live.pk)
    overridden = evaluation.decided_by == Evaluation.DecidedBy.OVERRIDE
    judged = judged_as(evaluation)
    if not (occurrence.concerns(judged and judged.kinds) if overridden else holds(occurrence, change, judged)):
        return
    reason = gettext("lockdown “%(name)s”") % {"name": window.name}

    def describe() -> None:
        change.hold_reason, change.held_at = reason, at

    cancelled = Evaluation.Status.CANCELLED
    end_locked(evaluation, change, actor=GATE, status=cancelled, why=reason, at=at, action="hold", describe=describe)
    LockdownHold.objects.filter(change=change, ended_at=None).update(
        ended_at=at, what_became=gettext("resumed before, and held anew")
    )
    LockdownHold.objects.create(window=window, change=change, held_at=at)
    notify(
        people_of(change),
        _("%(change)s is on hold: %(why)s") % {"change": change.reference, "why": reason},
        body=_("Its authorisation is revoked. Once the lockdown is over the gate is asked anew, in its place."),
        path=change.get_absolute_url(),
        record=change,
        by=("change.stopped", "caller"),
    )


@together()
def returns(change_id: int, at: datetime) -> None:
    """Due: the lockdown is over; the gate is asked anew where the change still waits on that hold.

    What can no longer run in its window, or no longer says its way back, goes back to draft; its people are told.
    """
    change = Change.objects.get(pk=change_id)
    if change.window_end is not None and change.window_end <= at:
        _give_up(lifecycle.locked(change), at, gettext("its window ended while a lockdown held it"))
        return
    budgets, change = locked_to_ask(change, at)
    if a_way_back(change):
        _give_up(change, at, gettext("its way back was taken out while a lockdown held it"))
        return
    hold = _hold_of(change)
    if hold is None:
        return

    def describe() -> None:
        change.hold_reason, change.held_at = "", None

    ask_anew(change, "resume", budgets, actor=GATE, at=at, describe=describe)
    _ended(hold, gettext("the gate was asked anew"), at)


def _give_up(change: Change, at: datetime, why: str) -> None:
    """The caller holds the change's lock."""
    hold = _hold_of(change)
    if hold is None:
        return
    with lifecycle.step(change, "revert", actor=GATE, remark=why, locked_by_caller=True):
        change.hold_reason, change.held_at = "", None
    _ended(hold, why, at)
    notify(
        people_of(change),
        _("%(change)s is a draft again: %(why)s") % {"change": change.reference, "why": why},
        body=_("Mend that, and ask the gate."),
        path=change.get_absolute_url(),
        record=change,
        by=("change.stopped", "caller"),
    )


def _hold_of(change: Change) -> LockdownHold | None:
    """The hold that it still waits on. One that somebody ended meanwhile, or took over, is closed here."""
    hold = LockdownHold.objects.select_for_update(no_key=True).filter(change=change, ended_at=None).first()
    if hold is None:
        return None
    if change.status == Status.ON_HOLD and change.held_at == hold.held_at:
        return hold
    _ended(hold, gettext("somebody had moved it on before"), change.held_at or hold.held_at)
    return None


def _ended(hold: LockdownHold, became: str, at: datetime) -> None:
    hold.ended_at, hold.what_became = at, became
    hold.save(update_fields=["ended_at", "what_became"])
