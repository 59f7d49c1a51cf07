"""Overrides of the gate: how many a team has left, and what stands beside a change that went by one."""

from datetime import date, datetime

from changes.calendar.models import CalendarWindow
from changes.calendar.queries.occurrences import occurrences_at
from changes.change.models import Change, Evaluation
from changes.change.models.override import PER_QUARTER, Override
from changes.change.queries.closures import judged_as
from itsm.accounts.models import Team


def quarter_of(at: datetime) -> date:
    """The first day of the quarter (UTC)."""
    return date(at.year, 3 * ((at.month - 1) // 3) + 1, 1)


def tokens_left(team: Team | int | None, at: datetime) -> int:
    """How many overrides a team may still ask for in this quarter; a service without a team has none."""
    if team is None:
        return 0
    return PER_QUARTER - Override.objects.filter(team=team, quarter=quarter_of(at)).count()


def lockdown_now(change: Change, evaluation: Evaluation, at: datetime) -> str:
    """The name of a lockdown that holds this change now, as it was judged last; empty for none."""
    kinds = (CalendarWindow.Kind.LOCKDOWN,)
    running = occurrences_at([change.service_id], change.environment, at, kinds)
    judged = judged_as(evaluation) if running else None
    return next((one.name for one in running if one.concerns(judged and judged.kinds)), "")


def override_of(evaluation: Evaluation | None) -> Override | None:
    """By which override this answer was given, None for every other answer."""
    if evaluation is None or evaluation.decided_by != Evaluation.DecidedBy.OVERRIDE:
        return None
    return Override.objects.select_related("asked_by", "seconded_by", "team").filter(evaluation=evaluation).first()
