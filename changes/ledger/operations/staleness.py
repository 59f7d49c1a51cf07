"""What the ledger owes: changes that pay, and days that were reckoned from what is another thing now.

Every row says by itself that it is owed: a change that ran and has no final cost, a day whose measurements moved since,
a debit that nothing followed from yet. So nothing is lost however often this is cut off, and twice does no harm.
"""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Q

from catalog.services.queries import reached_from
from changes.change.models import Change
from changes.change.workflow import Status
from changes.ledger.models import ChangeCost, Debit, LedgerDay
from changes.ledger.operations.following import follow, is_whole
from changes.ledger.operations.reckoning import forget, reckon, reckon_day
from changes.ledger.queries.settling import Place
from changes.ledger.queries.windows import DAY, first_minute
from changes.ledger.rules import BEFORE_MINUTES
from changes.ledger.vocabulary import FailedBy
from itsm.one_by_one import one_by_one
from itsm.work.models import Link
from slo.objectives.queries.counted_minutes import History, histories, measured_objectives, objectives_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from slo.models import Outage

KEPT_UP = timedelta(days=35)  # how far back late data are followed by themselves
_A_DAY, _PATIENCE = timedelta(days=1), timedelta(days=2)


class _Owed(NamedTuple):
    objective: int
    day: date


def keep_up(at: datetime) -> int:
    """Reckon what changes cost that pay now, and the days of the last weeks that moved; then do what follows.

    Returns how many changes have another cost. Raises nothing.
    """
    one_by_one(_paying(at), lambda change: len(reckon(change, at=at)), what="what changes cost")
    one_by_one(_stale(at), lambda one: _again(one, at), what="days of the ledger")
    owed = set(Debit.objects.filter(followed=False).order_by().values_list("change", flat=True).distinct())
    owed |= _whole(at) | _named(at)
    return one_by_one(sorted(owed), lambda pk: follow(pk, at), what="what follows of a cost")


def _lately(at: datetime) -> "QuerySet[Change]":
    """What ran in the last two days, or runs, and has no final cost."""
    ran = Q(started_at__gt=at - _PATIENCE) | Q(status=Status.RUNNING)
    return Change.objects.filter(ran, started_at__isnull=False, cost__final_at=None).order_by("pk")


def _paying(at: datetime) -> list[Change]:
    return list(_lately(at).select_related("service"))


def _whole(at: datetime) -> set[int]:
    """Those all of whose minutes are in, which may have cost nothing at all."""
    ended = _lately(at).exclude(status=Status.RUNNING)
    found: set[int] = set()

    def look(change: Change) -> bool:
        found.update({change.pk} if is_whole(change, at) else ())
        return change.pk in found

    one_by_one(ended, look, what="costs that are whole")
    return found


def _named(at: datetime) -> set[int]:
    """Those that an incident names as its cause by now, and whose run does not count as failed for it."""
    caused = Link.objects.filter(
        from_kind=Change.kind, to_kind="incident", meaning=Link.Meaning.CAUSED, at__gt=at - KEPT_UP
    )
    untold = ChangeCost.objects.filter(why__in=(FailedBy.NOTHING, FailedBy.DEBIT), change__in=caused.values("from_id"))
    return set(untold.values_list("change", flat=True))


def _stale(at: datetime) -> list[_Owed]:
    since = (at - KEPT_UP).date()
    rows = LedgerDay.objects.filter(day__gte=since).values_list("objective", "day", "seen_revision", "reckoned_at")
    known = list(rows.order_by("objective", "day"))
    told = histories({objective for objective, *_rest in known}, at - KEPT_UP - 2 * _A_DAY)
    return [
        _Owed(objective, day)
        for objective, day, seen, reckoned_at in known
        if objective in told and _is_stale(told[objective], day, seen, reckoned_at)
    ]


def _is_stale(told: History, day: date, seen: int, reckoned_at: datetime) -> bool:
    if told.revision != seen:
        return True
    first = first_minute(day)
    return any(
        begin < first + DAY and end > first - BEFORE_MINUTES and found_at > reckoned_at
        for begin, end, found_at in told.outages
    )


def _again(owed: _Owed, at: datetime) -> bool:
    change = Change.objects.filter(debits__objective=owed.objective, debits__day=owed.day).first()
    if change is None:
        LedgerDay.objects.filter(objective=owed.objective, day=owed.day).delete()
        return False
    objectives = measured_objectives(change.service_id, change.environment)
    objective = next((one for one in objectives if one.pk == owed.objective), None)
    if objective is None:  # retired meanwhile: what stands, stands
        return False
    reckon_day(objective, Place(change.service_id, change.environment), owed.day, at=at)
    return True


def outage_moved(outage: "Outage") -> int:
    """Whoever rests on this service is reckoned again for these days. How many days. Raises nothing."""
    service = outage.objective.service_id
    above = [service, *(one.service_id for one in reached_from([service]))]
    objectives = objectives_of(above, outage.objective.environment)
    return forget(objectives, outage.started_at, outage.ended_at + _A_DAY)


def period_moved(objective: int, first: datetime, last: datetime) -> int:
    """A period of an objective counts otherwise. How many days. Raises nothing."""
    return forget([objective], first, last + _A_DAY)


def terms_moved(objective: int, at: datetime) -> int:
    """All of an objective's last weeks count otherwise. How many days. Raises nothing."""
    return forget([objective], at - KEPT_UP, at)
