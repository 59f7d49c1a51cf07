"""The numbers of PostgreSQL's advisory locks, all of them, so that no two are one; how a rehearsal holds none.

A lock of one number is held by its name alone; one of two numbers is a class of locks, one for each row.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum, unique
from typing import Any

import psycopg2
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction

_LOCK_CONFLICTS = {"40P01", "40001", "55P03"}


@unique
class AdvisoryLock(IntEnum):
    """What is locked, by which app, and whether by row."""

    ALERTS_OF_SERVICE = (
        0x414C5356  # incidents, by service: which incident an alert goes into is decided by one at a time
    )
    ALERTS_OF_SOURCE = 0x414C5352  # incidents, by source: bodies of alerts are applied by one at a time
    AUDIT_ANCHOR = 0x414E4348  # audit: the next anchor is made, and anchors are copied outside, by one at a time
    BOARDS = 0x424F4152  # changes: who turns to which board is changed by one at a time
    BULK_LANE = 0x42554C4B  # clocks, for a session: what nobody waits for is done by one process at a time
    CALENDAR = 0x43A1E2DA  # changes: who reads the calendar to decide shares it, who closes it holds it alone
    DECLARATION = 0x0DEC1A2E  # slo: one set of files at a time
    EVALUATION = 0x510B06E7  # slo: budgets are evaluated by one at a time
    EXPORT = 0x4558504F  # incidents, by place, for a session: so many exports at a time
    FILE_BYTES = 0x46494C45  # files, by hash: bytes are kept, or swept away, by one at a time
    FILES_OF_PERSON = 0x46495045  # files, by person: what they send is counted by one at a time
    IMPORT = 0x494D504F  # incidents: imports write one batch at a time
    DUPLICATES = 0x44555042  # incidents: which problem lives on in which is changed by one at a time
    PROBLEM_BURN = 0x5042524E  # slo, for a session: what problems burned is reckoned by one at a time
    DELEGATIONS = 0x444C4547  # approvals: who decides in whose place is said by one at a time
    DELIVERIES_OF_SOURCE = 0x44454C56  # changes, by source: deliveries of platforms are applied by one at a time
    DUE_ROW = 0x447565  # clocks, by row: one sweeper keeps a promise
    KINSHIP = 0x4B494E53  # incidents: who is whose parent, and what lives on in what, is changed by one at a time
    LEDGER_OF_OBJECTIVE = 0x4C454447  # changes, by objective: what changes cost it is written by one at a time
    MAIL_OF_SENDER = 0x4D41494C  # mail, by sender: what they open is counted, and an account made, by one at a time
    MAILBOX_TOKEN = 0x4D41544F  # mail, by mailbox, for a session: its refresh token is used by one at a time
    NAMES_OF_PROVIDERS = 0x4E414D45  # identity: a provider is given its name by one at a time
    NEW_FILES = 0x464C4F4F  # files, for a session: one looks at what was sent
    OUTAGES_OF_BUDGET = 0x4F555441  # slo, by budget: its outage periods are written by one at a time
    OWN_ROLES = 0x4F574E52  # roles: one is given its name or its slug by one at a time
    POLICY_RULES = 0x504F4C52  # changes: what rules is changed, and by whom it rules, by one at a time
    PARTS = 0x50415254  # catalog: which item is a part of which is changed by one at a time
    RECONCILE = 0x5245434F  # catalog: what sources say of items is taken in one batch at a time
    VERSIONS = 0x56455253  # incidents: the next matrix, the next routing are made by one at a time
    RETENTION = 0x52455445  # retention: one batch of what goes at a time
    RUN_OF_SOURCE = 0x52554E53  # catalog, by source, for a session: one import of it at a time
    PULL_OF_SOURCE = 0x50554C4C  # slo, by data source, for a session: one pull at a time


@contextmanager
def taken_back(rehearsal: bool) -> Iterator[None]:
    """A part of a transaction. In a `rehearsal` what was done in it is taken back at its end, and its locks are free.

    So who only looks at what would happen holds nobody up, however long the whole of it takes.
    """
    with transaction.atomic():
        yield
        if rehearsal:
            transaction.set_rollback(True)


def one_at_a_time(lock: AdvisoryLock) -> None:
    """Until the transaction ends, whoever asks for the same lock waits.

    For tables that only grow: the application may not change them, and a lock of their rows needs that right.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock])


class SessionLock:
    """A lock that outlasts transactions, for work that commits piece by piece: `take`, then `give_back`.

    It is the connection's. Behind a pooler that changes connections between transactions (HEADROOM_POOLED) there is no
    such thing: there a transaction that does nothing else holds it, on a connection of its own.
    """

    def __init__(self, lock: AdvisoryLock, number: int | None = None) -> None:
        """`number`: the row, for a class of locks."""
        self._key = [lock.value] if number is None else [lock.value, number % 2**31]
        self._own: Any = None
        self.is_held = False

    def take(self, *, waits: bool) -> bool:
        """Whether it was to be had; with `waits` until it is. OperationalError where that takes too long."""
        asks = "" if waits else "try_"
        if not settings.POOLED:
            self.is_held = self._ask(connection, f"pg_{asks}advisory_lock") is not False
            return self.is_held
        self._own = psycopg2.connect(**connection.get_connection_params())
        try:
            with self._own.cursor() as cursor:
                cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            self.is_held = self._ask(self._own, f"pg_{asks}advisory_xact_lock") is not False
        except psycopg2.OperationalError as error:
            raise OperationalError(str(error)) from error
        finally:
            if not self.is_held:
                self.give_back()
        return self.is_held

    def give_back(self) -> None:
        """Repeatable; nothing where it is not held."""
        if self._own is not None:
            self._own.close()
            self._own = None
        elif self.is_held:
            self._ask(connection, "pg_advisory_unlock")
        self.is_held = False

    def _ask(self, session: Any, function: str) -> Any:
        places = ", ".join(["%s"] * len(self._key))
        with session.cursor() as cursor:
            cursor.execute(f"SELECT {function}({places})", self._key)
            return cursor.fetchone()[0]


@contextmanager
def for_a_session(lock: AdvisoryLock, number: int | None = None, *, waits: bool = False) -> Iterator[bool]:
    """Whether the `SessionLock` is ours while the block runs; with `waits` it always is."""
    held = SessionLock(lock, number)
    is_ours = held.take(waits=waits)
    try:
        yield is_ours
    finally:
        held.give_back()


def is_lock_conflict(error: Exception) -> bool:
    """Whether somebody else's locks refused it, so that it succeeds later as it is: a deadlock, a serialization, a lock
    that was not to be had."""
    return isinstance(error, OperationalError) and getattr(error.__cause__, "pgcode", "") in _LOCK_CONFLICTS


def is_connection_lost(error: Exception) -> bool:
    """Whether the database went away, or had no room, in the middle of it: what was at work then is no worse than what
    comes after, and is neither parked nor given up for it."""
    if isinstance(error, InterfaceError):
        return True
    code = getattr(error.__cause__, "pgcode", None)
    return isinstance(error, OperationalError) and (code is None or code.startswith(("57P", "08", "53")))
