"""Planned maintenance asks that its services' error budgets do not count it. Somebody else decides."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from changes.calendar.models import CalendarWindow
from itsm.kernel.actors import Actor
from slo.objectives import operations as slo
from slo.objectives.queries.corrections import open_corrections_of
from slo.objectives.queries.standing import in_force_on

if TYPE_CHECKING:
    from slo.models import Correction

_FARTHEST = timedelta(days=365)


def propose_corrections(
    window: CalendarWindow, *, actor: Actor, at: datetime, ends_at: datetime | None = None
) -> "list[Correction]":
    """One proposal for each objective of the services that the window names; a window for everything proposes none, one
    that recurs for its first time.

    Raises NotPermitted and InvalidInput.
    """
    ends_at = ends_at or window.ends_at
    if ends_at > at + _FARTHEST:
        return []
    concerned = in_force_on(window.services.values_list("pk", flat=True), window.environments)
    return [
        slo.propose_correction(
            objective, actor=actor, at=at, category="scheduled_maintenance",
            starts_at=window.starts_at, ends_at=ends_at, origin=_origin(window, ends_at),
            reason=gettext("%(name)s: %(reason)s") % {"name": window.name, "reason": window.reason},
        )
        for objective in concerned
    ]  # fmt: skip


def shorten_corrections(window: CalendarWindow, *, actor: Actor, at: datetime) -> None:
    """The maintenance ended early: what comes after it counts again, what was before it may be left out anew.

    What was over already stays as it was. Raises NotPermitted and InvalidInput.
    """
    if at >= window.ends_at:
        return
    for correction in open_corrections_of(_origin(window, window.ends_at)):
        slo.withdraw_correction(correction, actor=actor, at=at, reason=gettext("The maintenance ended early."))
    if at > window.starts_at:
        propose_corrections(window, actor=actor, at=at, ends_at=min(at, window.ends_at))


def _origin(window: CalendarWindow, ends_at: datetime) -> str:
    return f"calendar-window-{window.pk}-until-{ends_at:%Y%m%d%H%M%S}"
