"""Promise something for later, take the promise back, and keep it when it is due.

Apps register what a name means in their `AppConfig.ready()`. The sweeper keeps each promise and marks
it in the same transaction: two sweepers do it once, a crash does it again. A handler locks its records
before the due row is touched, in the order of everybody who promises something about a record that
they hold: so neither waits for the other. Each name has a lane (`itsm.notifications.lanes`), which is swept by itself.
"""

import logging
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from itsm import rows
from itsm.clocks.models import Due
from itsm.locks import AdvisoryLock, is_connection_lost
from itsm.notifications.lanes import Lane, counted

logger = logging.getLogger(__name__)

Handler = Callable[[int, datetime], None]  # record id, the instant of the sweep
_handlers: dict[str, Handler] = {}

_lanes: dict[str, Lane] = {}

ATTEMPTS = 6
_OPEN = "id = %s AND done_at IS NULL AND given_up_at IS NULL"
_DONE = f"UPDATE clocks_due SET done_at = %s WHERE {_OPEN} AND at = %s"  # noqa: S608 - no input


def register(name: str, handler: Handler, *, lane: Lane = Lane.DESK) -> None:
    """Say what to do when `name` is due, and in which lane it waits. Called once per name, at start."""
    _handlers[name] = handler
    _lanes[name] = lane


_PROMISE = """
INSERT INTO clocks_due (name, lane, record_kind, record_id, at, attempts, last_error)
VALUES (%s, %s, %s, %s, %s, 0, '')
ON CONFLICT (name, record_kind, record_id) WHERE done_at IS NULL AND given_up_at IS NULL
DO UPDATE SET at = EXCLUDED.at, attempts = 0
"""


def schedule(name: str, record_kind: str, record_id: int, at: datetime) -> None:
    """Do `name` for the record at `at`; an open promise of the same name moves to the new instant."""
    with connection.cursor() as cursor:
        cursor.execute(_PROMISE, _promised(name, record_kind, record_id, at))


def _promised(name: str, record_kind: str, record_id: int, at: datetime) -> list[Any]:
    return [name, _lanes.get(name, Lane.DESK).value, record_kind, record_id, at]


_TAKE_BACK = """
DELETE FROM clocks_due
WHERE name = ANY (%s) AND record_kind = %s AND record_id = %s AND done_at IS NULL AND given_up_at IS NULL
"""


def cancel(record_kind: str, record_id: int, *names: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_BACK, [list(names), record_kind, record_id])


def promised(name: str, record_kind: str, record_id: int) -> datetime | None:
    """When what is promised and not kept yet comes; None where nothing is."""
    open_ones = Due.objects.filter(name=name, record_kind=record_kind, record_id=record_id, done_at=None)
    return open_ones.filter(given_up_at=None).values_list("at", flat=True).first()


def schedule_instead(name: str, record_kind: str, record_id: int, at: datetime, *, of: Collection[str]) -> None:
    """Take back what stands open of these other names, and promise this one, in one message."""
    with connection.cursor() as cursor:
        promised = _promised(name, record_kind, record_id, at)
        cursor.execute(f"{_TAKE_BACK};{_PROMISE}", [list(of), record_kind, record_id, *promised])


def waiting(at: datetime, lanes: Collection[Lane] | None = None) -> QuerySet[Due]:
    """What is due at `at` and not kept, oldest first; `lanes`: of these alone."""
    # Names that this process does not know (an older or newer version runs beside it) must not crowd out the others.
    known = Due.objects.filter(name__in=list(_handlers), at__lte=at, done_at=None, given_up_at=None)
    return known if lanes is None else known.filter(lane__in=lanes)


def sweep(at: datetime, limit: int = 200, *, lanes: Collection[Lane] | None = None) -> int:
    """Keep what is due at `at`, oldest first. Returns how many were kept."""
    return sum(_keep(due_id, at) for due_id in list(waiting(at, lanes).values_list("id", flat=True)[:limit]))


def _keep(due_id: int, at: datetime) -> bool:
    try:
        with transaction.atomic():
            due = rows.first(Due, f"{_OPEN} AND at <= %s", [due_id, at])
            if due is None or due.name not in _handlers or not _claimed(due_id):
                return False
            still = rows.first(Due, f"{_OPEN} AND at = %s", [due_id, due.at])
            if still is None:  # another sweeper kept it before the claim
                return False
            _handlers[due.name](due.record_id, at)
            _is_done(due, at)
            return True
    except Exception as error:  # whatever went wrong, the promise stays owed and says why
        logger.exception("due row %s failed", due_id)
        _put_off(due_id, at, error)
        return False


def _claimed(due_id: int) -> bool:
    """True for one sweeper at a time, until its transaction ends. Nobody waits, and no row is locked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [AdvisoryLock.DUE_ROW, due_id % 2**31])
        return bool(cursor.fetchone()[0])


def _is_done(due: Due, at: datetime) -> None:
    """Mark it, unless its handler, or somebody, put it off."""
    with connection.cursor() as cursor:
        cursor.execute(_DONE, [at, due.pk, due.at])


def _put_off(due_id: int, at: datetime, error: Exception) -> None:
    with transaction.atomic():
        owed = Due.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=due_id, done_at=None, at__lte=at)
        due = owed.first()
        if due is None:
            return
        due.attempts = counted(due.attempts)
        due.last_error = f"{type(error).__name__}: {error}"[:2000]
        if due.lane == Lane.PAGING:  # never given up: somebody sleeps while it is not done
            due.at = at + Lane.PAGING.manner.wait(due.attempts)
        else:
            due.at = at + timedelta(seconds=10 * 2 ** min(due.attempts, ATTEMPTS))
            # A database that went away says nothing about the promise: others go first, and it stays owed.
            due.given_up_at = at if due.attempts >= ATTEMPTS and not is_connection_lost(error) else None
        due.save(update_fields=["attempts", "last_error", "at", "given_up_at"])
