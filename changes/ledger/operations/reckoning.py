"""Reckoning what changes cost: a day of an objective at a time, wholly anew, so that late data reckon the same way.

Writers of one objective's books take turns; they hold no change and no budget while they do.
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_CEILING, Decimal

from django.db import connection, transaction

from changes.change.models import Change
from changes.ledger.models import Debit, LedgerDay
from changes.ledger.queries.settling import Place, settled
from changes.ledger.queries.windows import DAY, days_of, first_minute, paying, window_of
from changes.ledger.rules import MinuteRange, Settled
from itsm.locks import AdvisoryLock
from slo.objectives.queries.counted_minutes import Measured, measured_objectives

_PLACES = Decimal("1e-9")
_MOST_SHARE = Decimal(1_000_000)


def reckon(change: Change, *, at: datetime) -> set[int]:
    """Every day in which this change pays, where it is not reckoned as far as it is known. Returns the changes (by id)
    whose debits are others now. Raises nothing.
    """
    window = window_of(change, at)
    if window is None:
        return set()
    place, moved = Place(change.service_id, change.environment), set[int]()
    for objective in measured_objectives(change.service_id, change.environment):
        known = _settled_days(objective, change.pk, days_of(window))
        for day in days_of(window):
            if day not in known:
                moved |= reckon_day(objective, place, day, at=at)
    return moved


def _settled_days(objective: Measured, change: int, days: list[date]) -> set[date]:
    """Those that need no other look: as far as it is measured, of the same measurements, with this change in them."""
    mine = set(Debit.objects.filter(objective=objective.pk, change=change, day__in=days).values_list("day", flat=True))
    rows = LedgerDay.objects.filter(objective=objective.pk, day__in=mine, seen_revision=objective.revision)
    return {day for day, until in rows.values_list("day", "until_minute") if until == _known_until(objective, day)}


def _known_until(objective: Measured, day: date) -> int:
    first = first_minute(day)
    return max(first, min(first + DAY, objective.until))


@transaction.atomic
def reckon_day(objective: Measured, place: Place, day: date, *, at: datetime) -> set[int]:
    """One day of one objective, up to the newest measured minute. Returns the changes whose debits are others now.

    Raises nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [AdvisoryLock.LEDGER_OF_OBJECTIVE, objective.pk])
    whole = MinuteRange(first_minute(day), first_minute(day) + DAY)
    minutes = MinuteRange(whole.first, _known_until(objective, day))
    changes = paying(place.service_id, place.environment, whole, at)
    found = settled(objective, place, minutes, changes)
    before = {
        debit.change_id: debit for debit in Debit.objects.filter(objective=objective.pk, day=day)
    }  # fmt: skip
    after = {pk: _debit(objective, pk, day, found) for pk, _window in changes}
    if not before and not after:
        return set()
    moved = {pk for pk, debit in after.items() if _differs(before.get(pk), debit)}
    _write(objective, day, minutes, found, [after[pk] for pk in moved], at)
    gone = before.keys() - after.keys()
    Debit.objects.filter(objective=objective.pk, day=day, change__in=gone).delete()
    return gone | moved


def _debit(objective: Measured, change: int, day: date, found: Settled) -> Debit:
    amount, dependency = found.debits[change], found.dependencies[change]
    return Debit(
        change_id=change,
        objective_id=objective.pk,
        day=day,
        amount=amount,
        dependency=dependency,
        share=share_of(objective, amount),
        gross=share_of(objective, amount + dependency),
    )


def share_of(objective: Measured, amount: int) -> Decimal:
    """Of the budget of its window, rounded up; a budget of nothing is spent many times by anything."""
    if not amount:
        return Decimal(0)
    if not objective.allowed:
        return _MOST_SHARE
    return min((Decimal(amount) / objective.allowed).quantize(_PLACES, rounding=ROUND_CEILING), _MOST_SHARE)


def _write(
    objective: Measured, day: date, minutes: MinuteRange, found: Settled, debits: Iterable[Debit], at: datetime
) -> None:
    book = LedgerDay(
        objective_id=objective.pk,
        day=day,
        until_minute=minutes.last,
        excess=found.excess,
        debited=sum(found.debits.values()),
        dependency=found.dependency,
        unattributed=found.unattributed,
        seen_revision=objective.revision,
        reckoned_at=at,
    )
    figures = ["until_minute", "excess", "debited", "dependency", "unattributed", "seen_revision", "reckoned_at"]
    LedgerDay.objects.bulk_create(
        [book], update_conflicts=True, unique_fields=["objective", "day"], update_fields=figures
    )
    Debit.objects.bulk_create(
        debits,
        update_conflicts=True,
        unique_fields=["change", "objective", "day"],
        update_fields=["amount", "dependency", "share", "gross", "followed"],
    )


def _differs(before: Debit | None, after: Debit) -> bool:
    return before is None or (before.amount, before.dependency, before.share) != (
        after.amount,
        after.dependency,
        after.share,
    )


def forget(objective_ids: Iterable[int], first: datetime, last: datetime) -> int:
    """What these days were reckoned from is another thing now: they are reckoned again. How many. Raises nothing."""
    stale = LedgerDay.objects.filter(
        objective__in=list(objective_ids), day__gte=first.date(), day__lte=last.date()
    )  # fmt: skip
    return stale.update(seen_revision=-1)
