"""What holds now, for everybody who needs it: one small query a second in each process, whatever it answers.

A change is seen by its own process at once and by all others within `CONFIGURATION_SECONDS`. Where the database does
not answer, what was read last goes on holding; before the first reading that is the defaults. None: defaults alone.
"""

import json
import logging
import time
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils.functional import cached_property

from itsm.configuration.known import (
    BY_NAME,
    CLIENT_DOCUMENTS,
    EMAIL_FROM,
    EMAIL_HOST,
    EMAIL_PORT,
    EMAIL_TLS,
    EMAIL_USER,
    OUTGOING_ALLOW,
    TRUSTED_PROXIES,
    Known,
)

logger = logging.getLogger(__name__)

_HELD = "(outgoing is held)"
# By name: what else stands in the table, such as settings of another release, costs nobody anything.
# The second half is `itsm.notifications.quarantine`: asked here, so that nobody who connects asks once more.
_ALL = f"""
SELECT name, value::text FROM configuration_setting WHERE name = ANY (%s) AND value IS NOT NULL
UNION ALL SELECT '{_HELD}', max(since)::text FROM notifications_quarantine WHERE released_at IS NULL
"""  # noqa: S608 - no input


class _Kept:
    """What this process read last, and when (by the clock that never goes back)."""

    def __init__(self) -> None:
        self.values: Mapping[str, Any] = {}
        self.outgoing_is_held = False
        self.read_at: float | None = None


_kept = _Kept()


def forget() -> None:
    """Read again at the next look: something was just changed here."""
    _kept.read_at = None


def held(known: Known) -> Any:
    """The value of a setting that holds now."""
    value = _values().get(known.name)
    return known.default() if value is None else value


def outgoing_is_held() -> bool:
    """Whether this desk was restored from a backup and nobody has released it: no connection leaves it."""
    _values()
    return _kept.outgoing_is_held


def outgoing_allow() -> list[str]:
    """host:port, or networks."""
    return list(held(OUTGOING_ALLOW))


def client_documents() -> bool:
    """Whether programs of agents may be known by the address of a document."""
    return bool(held(CLIENT_DOCUMENTS))


def trusted_proxies() -> tuple[str, ...]:
    """Addresses and networks."""
    return tuple(held(TRUSTED_PROXIES))


class MailServer:
    """Where mail goes and whom it comes from, as it holds now."""

    @cached_property
    def host(self) -> str:
        return str(held(EMAIL_HOST))

    @cached_property
    def port(self) -> int:
        return int(held(EMAIL_PORT))

    @cached_property
    def user(self) -> str:
        return str(held(EMAIL_USER))

    @cached_property
    def tls(self) -> bool:
        return bool(held(EMAIL_TLS))

    @cached_property
    def sender(self) -> str:
        return str(held(EMAIL_FROM))


def _values() -> Mapping[str, Any]:
    seconds: float | None = settings.CONFIGURATION_SECONDS
    if seconds is None:
        return {}
    now = time.monotonic()
    if _kept.read_at is None or now - _kept.read_at >= seconds:
        _kept.read_at = now  # first, so that others do not ask at the same time
        try:
            _kept.values = _read()
        except DatabaseError as error:
            logger.warning("settings cannot be read, those read last hold: %s", type(error).__name__)
    return _kept.values


def _read() -> dict[str, Any]:
    """Also on threads that have no connection: what is opened for it is closed again."""
    is_ours = connection.connection is None
    try:
        with connection.cursor() as cursor:
            cursor.execute(_ALL, [list(BY_NAME)])
            found = dict(cursor.fetchall())
            _kept.outgoing_is_held = found.pop(_HELD, None) is not None
            return {name: json.loads(text) for name, text in found.items()}
    finally:
        if is_ours and not connection.in_atomic_block:
            connection.close()
