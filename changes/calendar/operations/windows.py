"""Keeping the calendar. Who depends on it hears of what closes and of what is lifted, in the same transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext

from catalog.environments.queries import canonical_all
from changes.calendar.models import CLOSING, KINDS, CalendarWindow
from changes.calendar.operations import maintenance, occurring
from changes.calendar.operations.locking import close_calendar
from changes.calendar.permissions import calendar_keepers
from changes.calendar.queries.scope import services_in_scope
from changes.calendar.workflow import LOCKDOWN, WindowStatus
from itsm import lifecycle
from itsm.accounts.interest import require_no_interest
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted

if TYPE_CHECKING:
    from catalog.models import Service
    from itsm.accounts.models import Team


@transaction.atomic
def add_window(
    *,
    actor: Actor,
    window_type: str,
    name: str,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    at: datetime,
    services: "Sequence[Service]" = (),
    with_dependents: bool = False,
    tiers: Sequence[int] = (),
    teams: "Sequence[Team]" = (),
    environments: Sequence[str] = (),
    change_kinds: Sequence[str] = (),
    demanded: bool = False,
    rrule: str = "",
    zone: str = "",
) -> CalendarWindow:
    """A maintenance, freeze or blackout, once or again and again by `rrule` in `zone`; or the draft of a lockdown.

    What its scope names narrows it: nothing named means everything. Raises NotPermitted, InvalidInput,
    UnknownEnvironment. What closes is announced: unused approvals in its scope end in this transaction. A lockdown
    holds nothing until a second person has approved it (`lockdowns`).
    """
    if not calendar_keepers(actor):
        raise NotPermitted(gettext("Change managers keep the calendar."))
    rrule = rrule.strip()
    if not rrule and ends_at <= at:
        raise InvalidInput.about("ends_at", gettext("A window ends after it starts, and not in the past."))
    times = occurring.times_of(rrule, zone, starts_at, ends_at, at)
    if demanded and window_type != CalendarWindow.Kind.MAINTENANCE:
        raise InvalidInput.about("demanded", gettext("Only a maintenance is where changes have to happen."))
    refuse_odd_scope(window_type, change_kinds, rrule, bool(services) or not with_dependents)
    is_draft = window_type == CalendarWindow.Kind.LOCKDOWN
    if window_type in CLOSING and not is_draft:
        close_calendar()
    window = CalendarWindow.objects.create(
        window_type=window_type,
        name=name,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason,
        with_dependents=with_dependents,
        tiers=sorted(set(tiers)),
        environments=canonical_all(environments),
        change_kinds=[one for one, _words in KINDS if one in change_kinds],
        status=WindowStatus.DRAFT if is_draft else WindowStatus.ENFORCED,
        demanded=demanded,
        rrule=rrule,
        zone=zone,
        known_until=at + occurring.AHEAD if rrule else None,
        created_by_id=actor.id,
        created_at=at,
    )
    window.services.set(services)
    window.teams.set(teams)
    if not is_draft:
        occurring.write_down(window, times, at)
    lifecycle.created(window, actor=actor, changes={"kind": [None, window_type], "ends_at": [None, ends_at]}, at=at)
    if window_type == CalendarWindow.Kind.MAINTENANCE:
        maintenance.propose_corrections(window, actor=actor, at=at)
    return window


def refuse_odd_scope(window_type: str, change_kinds: Sequence[str], rrule: str, names_whose: bool) -> None:
    """`names_whose`: it says whose dependents it means, where it means any. Raises InvalidInput."""
    if not names_whose:
        raise InvalidInput.about("with_dependents", gettext("Name the services whose dependents are meant."))
    if change_kinds and window_type == CalendarWindow.Kind.MAINTENANCE:
        raise InvalidInput.about("change_kinds", gettext("A maintenance is for every kind of change."))
    if unknown := [one for one in change_kinds if one not in dict(KINDS)]:
        raise InvalidInput.about("change_kinds", gettext("There is no kind of change %(kind)s.") % {"kind": unknown[0]})
    if rrule and window_type == CalendarWindow.Kind.LOCKDOWN:
        raise InvalidInput.about("rrule", gettext("A lockdown is once: what closes again and again is a freeze."))


@LOCKDOWN.takes("lift")
@transaction.atomic
def lift_window(window: CalendarWindow, *, actor: Actor, version: int | None, at: datetime) -> CalendarWindow:
    """End it early, and announce it. What was lifted may be lifted again: by somebody whose word counts.

    Raises NotPermitted, StaleVersion, and WrongState for what was never in force.
    """
    if not calendar_keepers(actor):
        raise NotPermitted(gettext("Change managers keep the calendar."))
    if window.window_type in CLOSING or window.demanded:
        require_no_interest(actor, concerned(window), doing=gettext("lift what closes the calendar"))
    with lifecycle.step(window, "lift", actor=actor) as current:
        lifecycle.check_version(current, version, required=True)
        current.lifted_at, current.lifted_by_id = at, actor.id
    if current.window_type == CalendarWindow.Kind.MAINTENANCE:
        maintenance.shorten_corrections(current, actor=actor, at=at)
    return current


def concerned(window: CalendarWindow) -> list[int]:
    """The services that it holds, in whatever environment."""
    services, teams = (list(each.values_list("pk", flat=True)) for each in (window.services, window.teams))
    return services_in_scope(services, with_dependents=window.with_dependents, tiers=window.tiers, teams=teams)


def windows_follow(old: "Team", new: "Team", actor: Actor) -> int:
    """What is planned for the changes of a team that is merged holds for the other one, in the merge's transaction.

    How many windows. Raises nothing.
    """
    windows = list(CalendarWindow.objects.filter(teams=old, lifted_at=None).order_by("pk"))
    for window in windows:
        window.teams.remove(old)
        window.teams.add(new)
        lifecycle.announce(window, "edited", actor=actor, changes={"teams": [old.slug, new.slug]})
    return len(windows)
