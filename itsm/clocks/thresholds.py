"""When a clock has to tell somebody: a due row for each warning, the breach, and each level after it.

Rows are of kind `clock`, moved by a new target, taken back by a pause and a stop. A warning or breach is acted upon
once, and again only after its instant has moved into the future. Warnings come by the same path as the due itself.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial

from django.db import connection

from itsm.clocks import due
from itsm.clocks.algebra import Reading
from itsm.clocks.models import Clock
from itsm.clocks.owners import Reached, owner_of
from itsm.clocks.reading import reading_of
from itsm.clocks.terms import Terms

KIND = "clock"
PREFIX = "sla_"
MAX_LEVELS = 9
NAMES = (
    *(f"warn_{percent}" for percent in range(1, 100)), "breach", *(f"level_{n}" for n in range(1, MAX_LEVELS + 1)),
)  # fmt: skip
_TAKE_BACK = """
DELETE FROM clocks_due
WHERE record_kind = 'clock' AND record_id = ANY (%s) AND done_at IS NULL AND given_up_at IS NULL
"""
_PROMISE = """
INSERT INTO clocks_due (name, record_kind, record_id, at, attempts, last_error)
SELECT 'sla_' || p.name, 'clock', p.clock, p.at, 0, ''
FROM unnest(%s::text[], %s::bigint[], %s::timestamptz[]) AS p(name, clock, at)
"""


def instants(reading: Reading, terms: Terms) -> list[tuple[str, datetime]]:
    """Each threshold of a running clock and when it is reached, in the order of their gravity; none of others."""
    if reading.due_at is None or reading.target_s is None:
        return []
    warned = ((f"warn_{percent}", reading.when(reading.target_s * percent // 100)) for percent in sorted(terms.warn))
    levels = (
        (f"level_{place}", reading.late_by(level.after_s))
        for place, level in enumerate(sorted(terms.levels, key=lambda one: one.after_s), start=1)
    )
    # A clock that is stopped in the very second of its due is met; one due as the day closes is late as the next opens.
    found = [*warned, ("breach", reading.late_by(1)), *levels]
    return [(name, at) for name, at in found if at is not None]


def still_to_tell(
    thresholds: Sequence[tuple[str, datetime]], told: Iterable[str], now: datetime
) -> dict[str, datetime]:
    """What is to come, and of what has passed untold the gravest alone."""
    coming = {name: at for name, at in thresholds if at > now}
    passed = [(name, at) for name, at in thresholds if at <= now]
    if passed and passed[-1][0] not in told:
        coming[passed[-1][0]] = passed[-1][1]
    return coming


def promise(clocks: Sequence[tuple[Clock, Reading]], now: datetime, *, are_new: bool = False) -> None:
    """Write the due rows of these clocks anew, in two statements. `told` of each is what has passed and was told."""
    rows: list[tuple[str, int, datetime]] = []
    for clock, reading in clocks:
        found = instants(reading, Terms.from_json(clock.terms))
        rows += [(name, clock.pk, at) for name, at in still_to_tell(found, clock.told, now).items()]
    with connection.cursor() as cursor:
        if not are_new:
            cursor.execute(_TAKE_BACK, [[clock.pk for clock, _ in clocks]])
        if rows:
            cursor.execute(_PROMISE, [list(column) for column in zip(*rows, strict=True)])


def act(threshold: str, clock_id: int, at: datetime) -> None:
    """The threshold is due: tell whose clock it is, if it still holds. Locks the record, then the clock."""
    from_row = Clock.objects.filter(pk=clock_id).values_list("record_kind", "record_id").first()
    owner = owner_of(from_row[0]) if from_row else None
    if from_row is None or owner is None or not owner.lock(from_row[1]):
        return
    clock = Clock.objects.select_for_update(no_key=True).get(pk=clock_id)
    due_now = dict(instants(reading_of(clock), Terms.from_json(clock.terms))).get(threshold)
    if due_now is None or due_now > at or threshold in clock.told:
        return  # paused, stopped, or moved while this waited
    clock.told = [*clock.told, threshold]
    clock.save(update_fields=["told"])
    owner.reached(clock.record_id, Reached(clock, threshold, at))


def listen() -> None:
    """Called once, at start."""
    for name in NAMES:
        due.register(PREFIX + name, partial(act, name))
