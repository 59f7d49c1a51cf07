"""The life of a lockdown: what stops everything in flight takes two people. Who depends on it hears of each move.

Promise: nothing is held before the second person has approved what is written now, and from then on all of it is:
occurrences are written in the transaction that enforces it, under the calendar's lock.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext

from catalog.environments.queries import canonical_all
from changes.calendar.models import KINDS, CalendarWindow
from changes.calendar.operations import occurring
from changes.calendar.operations.locking import close_calendar
from changes.calendar.operations.windows import concerned, refuse_odd_scope
from changes.calendar.permissions import calendar_keepers
from changes.calendar.queries.content import content_hash
from changes.calendar.rules.recurrence import Period
from changes.calendar.workflow import LOCKDOWN, WindowStatus
from itsm import lifecycle
from itsm.accounts.interest import require_no_interest
from itsm.approvals import operations as approvals
from itsm.approvals.asked import Panel
from itsm.audit.recording import who_did
from itsm.kernel.actors import Actor, Role
from itsm.kernel.errors import InvalidInput, NotPermitted, WrongState

if TYPE_CHECKING:
    from catalog.models import Service
    from itsm.accounts.models import Team

ANSWERED_WITHIN = timedelta(days=14)


@transaction.atomic
def edit_draft(
    window: CalendarWindow,
    *,
    actor: Actor,
    version: int | None,
    at: datetime,
    services: "Sequence[Service] | None" = None,
    teams: "Sequence[Team] | None" = None,
    **fields: Any,
) -> CalendarWindow:
    """Write a draft anew; what is not given stays. Who wrote any of it does not approve it (`submit`).

    Raises NotPermitted, WrongState (it is no draft), StaleVersion, VersionRequired, InvalidInput, UnknownEnvironment.
    """
    if not calendar_keepers(actor):
        raise NotPermitted(gettext("Change managers keep the calendar."))
    current = lifecycle.locked(window)
    lifecycle.check_version(current, version, required=True)
    if current.status != WindowStatus.DRAFT:
        raise WrongState(gettext("Only the draft of a lockdown is edited."), state=current.status)
    kept = _as_kept(fields)
    before = _picture(current, kept)
    for name, value in kept.items():
        setattr(current, name, value)
    if services is not None:
        current.services.set(services)
    if teams is not None:
        current.teams.set(teams)
    _refuse_over(current, at)
    occurring.times_of("", "", current.starts_at, current.ends_at, at)
    names_whose = not current.with_dependents or current.services.exists()
    refuse_odd_scope(current.window_type, current.change_kinds, "", names_whose)
    changes = {name: [before[name], now] for name, now in _picture(current, kept).items() if before[name] != now}
    if changes:  # fields and scope: one edit, one version, one entry
        current.version += 1
        current.save(update_fields=[*kept, "version"])
        lifecycle.announce(current, "edited", actor=actor, changes=changes)
    return current


def _as_kept(fields: Mapping[str, Any]) -> dict[str, Any]:
    kept = dict(fields)
    if "environments" in kept:
        kept["environments"] = canonical_all(kept["environments"])
    if "tiers" in kept:
        kept["tiers"] = sorted(set(kept["tiers"]))
    if "change_kinds" in kept and set(kept["change_kinds"]) <= set(dict(KINDS)):
        kept["change_kinds"] = [one for one, _words in KINDS if one in kept["change_kinds"]]
    return kept


def _picture(window: CalendarWindow, fields: Iterable[str]) -> dict[str, Any]:
    """What stands in these fields, and in the scope that is no field of its own."""
    scope = {name: sorted(getattr(window, name).values_list("slug", flat=True)) for name in ("services", "teams")}
    return {name: getattr(window, name) for name in fields} | scope


@LOCKDOWN.takes("submit")
@transaction.atomic
def submit(window: CalendarWindow, *, actor: Actor, at: datetime) -> CalendarWindow:
    """Ask another change manager to approve it, until it would be over.

    Raises NotPermitted, WrongState (no draft) and InvalidInput (it is over).
    """
    with lifecycle.step(window, "submit", actor=actor) as current:
        _refuse_over(current, at)
        wrote = {pk for pk in (actor.id, current.created_by_id) if pk is not None}
        wrote |= who_did(current, f"{current.kind}.created", f"{current.kind}.edited")
        approvals.ask(
            current,
            Panel("change manager", Role.MANAGER.value, excluded=wrote),
            content_hash=content_hash(current),
            at=at,
            due_at=min(at + ANSWERED_WITHIN, current.ends_at),
            subject=gettext("The lockdown “%(name)s” waits for you") % {"name": current.name},
        )
    return current


@LOCKDOWN.takes("approve")
@transaction.atomic
def approve(window: CalendarWindow, *, actor: Actor, at: datetime, comment: str = "") -> CalendarWindow:
    """Say, as another person than drafted it, that it holds from its start on: it is in force with this answer.

    Where it leaves kinds of changes out, what it holds frees budget for these: who has a stake there does not approve.
    Raises NotPermitted, WrongState (nothing is asked) and InvalidInput (it is over).
    """
    close_calendar()
    with lifecycle.step(window, "approve", actor=actor, remark=comment) as current:
        _refuse_over(current, at)
        if current.change_kinds:
            require_no_interest(actor, concerned(current), doing=gettext("approve a lockdown of some kinds of changes"))
        approvals.answer(
            current, actor=actor, decision="approve", comment=comment, content_hash=content_hash(current), at=at
        )
        current.enforced_at, current.enforced_by_id = at, actor.id
        occurring.write_down(current, [Period(max(current.starts_at, at), current.ends_at)], at)
    return current


@LOCKDOWN.takes("decline")
@transaction.atomic
def decline(window: CalendarWindow, *, actor: Actor, at: datetime, comment: str = "") -> CalendarWindow:
    """It goes back to draft. Raises NotPermitted, WrongState (nothing is asked), MissingInformation (no word why)."""
    with lifecycle.step(window, "decline", actor=actor, remark=comment) as current:
        approvals.answer(
            current, actor=actor, decision="decline", comment=comment, content_hash=content_hash(current), at=at
        )
    return current


@LOCKDOWN.takes("revert")
@transaction.atomic
def revert(window: CalendarWindow, *, actor: Actor, at: datetime) -> CalendarWindow:
    """Take it back to draft; nobody is asked any more. Raises NotPermitted and WrongState."""
    return _taken_back(window, "revert", gettext("taken back to draft"), actor, at)


@LOCKDOWN.takes("cancel")
@transaction.atomic
def cancel(window: CalendarWindow, *, actor: Actor, at: datetime) -> CalendarWindow:
    """It never comes to be; what stood of it is kept. Raises NotPermitted and WrongState."""
    return _taken_back(window, "cancel", gettext("cancelled"), actor, at)


def _taken_back(window: CalendarWindow, action: str, why: str, actor: Actor, at: datetime) -> CalendarWindow:
    with lifecycle.step(window, action, actor=actor) as current:
        approvals.withdraw(current, at=at, why=why)
    return current


def _refuse_over(window: CalendarWindow, at: datetime) -> None:
    if window.ends_at <= at:
        raise InvalidInput.about("ends_at", gettext("It would be over already: draft it anew."))
