"""The lock of the calendar: shared by who judges or starts, alone for who closes it."""

from django.db import connection

from itsm.locks import AdvisoryLock


def share_calendar() -> None:
    """Until the transaction ends nobody closes the calendar: what is granted or started now was open when it ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [AdvisoryLock.CALENDAR])


def close_calendar() -> None:
    """Wait for judgements and starts under way, and hold off new ones until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [AdvisoryLock.CALENDAR])
