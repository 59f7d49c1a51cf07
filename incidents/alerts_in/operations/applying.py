"""Bodies become occurrences, in the order in which they came, by one at a time of each source."""

import logging
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone
from rest_framework.exceptions import ParseError

from incidents.alerts_in import formats
from incidents.alerts_in.formats import NotOurs, Read
from incidents.alerts_in.models import AlertIntake, AlertSource
from incidents.alerts_in.operations import occurrences, polling, tallies
from incidents.alerts_in.operations.bodies import body_of
from incidents.alerts_in.operations.one_odd import apply_some, park_alone
from incidents.alerts_in.operations.parked_news import tell_unread
from incidents.alerts_in.vocabulary import Counted, IntakeStatus
from itsm.api.parsers import loads
from itsm.clocks import due
from itsm.locks import AdvisoryLock, is_connection_lost, is_lock_conflict

logger = logging.getLogger(__name__)

APPLYING = "alerts: apply what came"
AGAIN = timedelta(seconds=2)  # after somebody else's locks refused a body
MOST_AT_A_TIME = 1_000  # alerts, or bodies, in one transaction of a source; then it is the next one's turn


def soon(source_id: int, at: datetime) -> None:
    """Promise that what waits of a source is applied. Raises nothing."""
    due.schedule(APPLYING, AlertSource.kind, source_id, at)


def apply_now(intake: AlertIntake, read: Read, *, at: datetime) -> bool:
    """Apply this body, whose alerts were read, unless another of its source waits before it, or is being applied.

    Whatever goes wrong leaves it waiting. Raises nothing.
    """
    try:
        with transaction.atomic():
            if not _is_ours(intake.source_id):
                return False
            if AlertIntake.objects.filter(source=intake.source_id, status=IntakeStatus.NEW, pk__lt=intake.pk).exists():
                return False
            _apply(intake, read, at)
            return True
    except Exception:
        logger.exception("body of alerts %s waits", intake.pk)
        intake.status = IntakeStatus.NEW
        return False


def apply_when_due(source_id: int, at: datetime) -> None:
    """The due row's work: some of what waits of the source, oldest first; more of it when the others had their turn."""
    if not _is_ours(source_id):
        soon(source_id, at + timedelta(seconds=1))
        return
    waiting = AlertIntake.objects.filter(source=source_id, status=IntakeStatus.NEW).order_by("pk")
    alerts = 0
    for intake in waiting.select_related("source")[:MOST_AT_A_TIME]:
        if alerts >= MOST_AT_A_TIME:
            break
        alerts += max(intake.alerts, 1)
        try:
            with transaction.atomic():
                apply_stored(intake)
        except Exception as error:  # nothing behind it waits for it
            if is_lock_conflict(error):
                logger.exception("body of alerts %s waits", intake.pk)
                soon(source_id, at + AGAIN)
                return
            if is_connection_lost(error):  # it is applied by whoever comes next
                raise
            logger.exception("body of alerts %s is parked", intake.pk)
            park(intake, f"{type(error).__name__}: {error}")
    if AlertIntake.objects.filter(source=source_id, status=IntakeStatus.NEW).exists():
        soon(source_id, timezone.now())


def apply_stored(intake: AlertIntake) -> None:
    """Read the body once more and apply it; one that cannot be read is parked. In the caller's transaction."""
    try:
        read = formats.read(intake.source.shape, loads(body_of(intake), of_strangers=True), intake.source.mapping)
    except (NotOurs, ParseError) as error:
        park(intake, str(error))
        return
    _apply(intake, read, intake.received_at)


def park(intake: AlertIntake, reason: str) -> None:
    """Nothing is made of it until somebody says so. Raises nothing."""
    intake.status, intake.reason = IntakeStatus.PARKED, reason[:500] or "?"
    intake.alerts = max(intake.alerts, 1)
    intake.save(update_fields=["status", "reason", "alerts"])
    tell_unread(intake.source, at=intake.received_at)


def _is_ours(source_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [AdvisoryLock.ALERTS_OF_SOURCE, source_id % 2**31])
        return bool(cursor.fetchone()[0])


def _apply(intake: AlertIntake, read: Read, at: datetime) -> None:
    source = intake.source
    wrong = [*read.wrong]
    for begin in range(0, len(read.told), occurrences.CHUNK):
        wrong += apply_some(source, read.told[begin : begin + occurrences.CHUNK], at)
    for one in wrong:
        park_alone(source, one, at)
    if read.truncated:
        tallies.add(source, {Counted.TRUNCATED: read.truncated}, at=at)
        polling.soon(source)
    intake.status, intake.applied_at = IntakeStatus.APPLIED, timezone.now()
    intake.save(update_fields=["status", "applied_at"])


def left_before(before: datetime) -> int:
    """How many bodies that came before this instant are not applied yet. Raises nothing."""
    return AlertIntake.objects.filter(status=IntakeStatus.NEW, received_at__lt=before).count()


def apply_left(at: datetime) -> None:
    """Apply what waits, of every source: whoever should have was killed, or its promise is gone. Raises nothing."""
    waiting = AlertIntake.objects.filter(status=IntakeStatus.NEW).order_by()
    for source_id in waiting.values_list("source", flat=True).distinct():
        with transaction.atomic():
            apply_when_due(source_id, at)
