"""Every five minutes the Alertmanagers that have an address are read: what no message said is found there.

An alert that a message brought and that its server does not know twice in a row has ended: its resolve was lost.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from incidents.alerts_in.adapters import alertmanager
from incidents.alerts_in.formats import MOST, Told, Wrong
from incidents.alerts_in.formats import read as read_alerts
from incidents.alerts_in.formats.told import text
from incidents.alerts_in.models import AlertOccurrence, AlertSource
from incidents.alerts_in.operations import ending
from incidents.alerts_in.operations.occurrences import CHUNK
from incidents.alerts_in.operations.one_odd import apply_some, park_alone
from incidents.alerts_in.vocabulary import OccurrenceStatus, SourceKind
from itsm.notifications import outbox
from itsm.notifications.outgoing import OutgoingFailed, OutgoingRefused
from itsm.one_by_one import one_by_one

if TYPE_CHECKING:
    from itsm.notifications.models import Delivery

CHANNEL = "alertmanager-reading"
ABSENT = 2  # times in a row
STALE = timedelta(hours=6)  # without a word: marked, nothing else


def poll_all(*, at: datetime) -> int:
    """Read every source that has an address. Returns how many answered. Raises nothing of theirs."""
    mark_stale(at=at)
    asked = AlertSource.objects.filter(shape=SourceKind.ALERTMANAGER, retired_at=None).exclude(server_url="")
    return one_by_one(list(asked.order_by("pk")), lambda source: poll(source, at=at), what="reading what fires")


def soon(source: AlertSource) -> None:
    """Owe a reading of this source: its sender cut off alerts. In the caller's transaction. Raises nothing."""
    if source.server_url:
        outbox.enqueue(CHANNEL, {"source": source.pk}, aggregate=f"reading:{source.pk}")


def deliver(delivery: "Delivery") -> None:
    """The reading that is owed. What goes wrong is noted at the source; another comes by itself. Raises nothing."""
    source = AlertSource.objects.filter(pk=delivery.payload["source"], retired_at=None).first()
    if source is not None:
        poll(source, at=timezone.now())


def poll(source: AlertSource, *, at: datetime) -> bool:
    """Read one. What goes wrong there is noted at the source. Raises nothing of its own."""
    try:
        found = alertmanager.firing(alertmanager.Server(source.server_url, source.credential))
        loud = [one for one in found if not one["is_suppressed"]][:MOST]  # of all is known that they fire still
        read = read_alerts(SourceKind.ALERTMANAGER, {"alerts": loud}, {})
    except (OutgoingFailed, OutgoingRefused, ValueError) as error:
        AlertSource.objects.filter(pk=source.pk).update(trouble=str(error)[:300])
        return False
    with transaction.atomic():
        for one in [*read.wrong, *_take_unknown(source, list(read.told), at)]:
            park_alone(source, one, at)
        _end_absent(source, {text(one.get("fingerprint"))[:128] for one in found}, at)
        AlertSource.objects.filter(pk=source.pk).update(polled_at=at, trouble="")
    return True


def _take_unknown(source: AlertSource, told: list[Told], at: datetime) -> list[Wrong]:
    """Those that no message brought; the others were said to fire, which is noted. What could not be taken."""
    prints = [one.fingerprint for one in told]
    known = AlertOccurrence.objects.filter(source=source, fingerprint__in=prints, ended_at=None)
    fires = set(known.values_list("fingerprint", flat=True))
    known.update(seen_at=at, absent=0)
    unknown = [one for one in told if one.fingerprint not in fires]
    chunks = (unknown[begin : begin + CHUNK] for begin in range(0, len(unknown), CHUNK))
    return [wrong for chunk in chunks for wrong in apply_some(source, chunk, at)]


def _end_absent(source: AlertSource, firing: set[str], at: datetime) -> None:
    """Who began before the reading, and is not in it: once is a doubt, twice an end."""
    began = AlertOccurrence.objects.select_for_update(of=("self",), no_key=True).filter(
        source=source, ended_at=None, received_at__lt=at - timedelta(minutes=1)
    )
    absent = [one for one in began.order_by("pk") if one.fingerprint not in firing]
    AlertOccurrence.objects.filter(pk__in=[one.pk for one in absent]).update(absent=F("absent") + 1)
    over = [one for one in absent if one.absent + 1 >= ABSENT and one.status != OccurrenceStatus.QUIETED]
    for one in over:
        one.ended_at, one.status = max(at, one.started_at), OccurrenceStatus.ENDED
    AlertOccurrence.objects.bulk_update(over, ["ended_at", "status"])
    ending.follow_ended(over, at=at)


def mark_stale(*, at: datetime) -> int:
    """Say of what was not repeated for six hours that it was not; nothing else follows. Raises nothing."""
    silent = list(
        AlertOccurrence.objects.filter(ended_at=None, status=OccurrenceStatus.FIRING, seen_at__lt=at - STALE)[:5_000]
    )
    for one in silent:
        one.status = OccurrenceStatus.STALE
    return AlertOccurrence.objects.bulk_update(silent, ["status"], batch_size=500) if silent else 0
