"""Who writes what sources say is alone with it."""

from django.db import connection

from itsm.locks import AdvisoryLock


def one_at_a_time() -> None:
    """Until this transaction ends nobody else takes in what sources say, of whatever source, nor judges it: they may
    speak of the same items."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [AdvisoryLock.RECONCILE])
