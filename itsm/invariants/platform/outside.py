"""What no row can hold by itself: a backup that was restored on trial, and clocks that agree. I19 and I20."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.apps import apps
from django.db import connection
from django.utils.translation import gettext_lazy as _

from itsm.invariants.known import Found, Invariant, Question

SKEW = timedelta(seconds=2)
# Where nobody ever backed up, the page of backups says so; here is what was promised and is late.
_BACKUPS = """
SELECT 'continuity_run', r.what || ' ' || r.id, to_char(r.of_at, 'YYYY-MM-DD HH24:MI')
FROM (
  SELECT DISTINCT ON (what) * FROM continuity_continuityrun WHERE passed AND what IN ('backup', 'drill')
  ORDER BY what, ended_at DESC
) r
WHERE coalesce(r.of_at, r.ended_at)
  < %(at)s - CASE r.what WHEN 'backup' THEN interval '1 day' ELSE interval '8 days' END
"""
_FAILED = """
SELECT 'continuity_run', r.what || ' ' || r.id, left(r.problem, 120)
FROM (
  SELECT DISTINCT ON (what) * FROM continuity_continuityrun WHERE what IN ('backup', 'drill')
  ORDER BY what, ended_at DESC
) r
WHERE NOT r.passed
"""
_FUTURE = """
SELECT 'audit_entry', 'entry ' || e.id, to_char(e.at, 'YYYY-MM-DD HH24:MI')
FROM (SELECT id, at FROM audit_entry ORDER BY id DESC LIMIT 100) e WHERE e.at > clock_timestamp() + interval '5 minutes'
"""


def skewed(at: datetime) -> Iterator[Found]:
    """This machine's clock against the database's."""
    with connection.cursor() as cursor:
        before = datetime.now(UTC)
        cursor.execute("SELECT clock_timestamp()")
        there: datetime = cursor.fetchone()[0]
        after = datetime.now(UTC)
    if not before - SKEW <= there <= after + SKEW:
        yield Found("clock", "clock", f"{(there - after).total_seconds():+.0f}")


def all_of_them() -> list[Invariant]:
    """I19 where backups are noted at all, and I20."""
    clock = Invariant(
        "I20",
        _("Clocks agree"),
        _("What is fresh, due or expired is said by clocks. Where they differ, stale evidence looks fresh."),
        (
            Question("skew", _("The database's clock is %(detail)s seconds off from this machine's."), skewed),
            Question("future", _("%(reference)s is dated in the future: %(detail)s."), _FUTURE),
        ),
        closes_gate=True,
    )
    if not apps.is_installed("itsm.continuity"):
        return [clock]
    backups = Invariant(
        "I19",
        _("There is a fresh backup, and one was restored on trial this week"),
        _("A backup that nobody ever restored is a hope. Silently bad ones were found on the day they were needed."),
        (
            Question("late", _("%(reference)s is the last that passed, of %(detail)s."), _BACKUPS, punctual=True),
            Question("failed", _("%(reference)s failed: %(detail)s."), _FAILED, punctual=True),
        ),
    )
    return [backups, clock]
