"""Keeping the calendar. Who depends on it hears of what closes and of what is lifted, in the same transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext

from catalog.environments.queries import canonical_all
from catalog.services.queries import every_service
from changes.calendar.models import CalendarWindow
from changes.calendar.operations import maintenance
from changes.calendar.operations.locking import close_calendar
from changes.calendar.permissions import calendar_keepers
from changes.calendar.queries import CLOSING
from itsm import lifecycle
from itsm.accounts.interest import require_no_interest
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted

if TYPE_CHECKING:
    from catalog.models import Service

CLOSED, LIFTED = "closed", "lifted"


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
    environments: Sequence[str] = (),
) -> CalendarWindow:
    """A maintenance, freeze, blackout or lockdown; no services or environments means all of them.

    Raises NotPermitted, InvalidInput, UnknownEnvironment. What closes is announced: unused approvals in its scope end
    in this transaction.
    """
    if not calendar_keepers(actor):
        raise NotPermitted(gettext("Change managers keep the calendar."))
    if ends_at <= starts_at or ends_at <= at:
        raise InvalidInput.about("ends_at", gettext("A window ends after it starts, and not in the past."))
    if window_type in CLOSING:
        close_calendar()
    window = CalendarWindow.objects.create(
        window_type=window_type,
        name=name,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason,
        environments=canonical_all(environments),
        created_by_id=actor.id,
    )
    window.services.set(services)
    lifecycle.created(window, actor=actor, changes={"kind": [None, window_type], "ends_at": [None, ends_at]}, at=at)
    if window_type == CalendarWindow.Kind.MAINTENANCE:
        maintenance.propose_corrections(window, actor=actor, at=at)
    return window


@transaction.atomic
def lift_window(window: CalendarWindow, *, actor: Actor, version: int | None, at: datetime) -> CalendarWindow:
    """End it early, and announce it. Raises NotPermitted and StaleVersion."""
    if not calendar_keepers(actor):
        raise NotPermitted(gettext("Change managers keep the calendar."))
    if window.window_type in CLOSING:
        require_no_interest(actor, _concerned(window), doing=gettext("lift what closes the calendar"))
    with lifecycle.edit(window, actor=actor, version=version, event=LIFTED) as current:
        current.lifted_at, current.lifted_by_id = at, actor.id
    if current.window_type == CalendarWindow.Kind.MAINTENANCE:
        maintenance.shorten_corrections(current, actor=actor, at=at)
    return current


def _concerned(window: CalendarWindow) -> list[int]:
    """The services that it holds: those it names, or all."""
    named = list(window.services.values_list("pk", flat=True))
    return named or list(every_service().order_by().values_list("pk", flat=True))
