"""Bytes that no row names are taken away, once a day; so is what somebody began to send and never finished."""

import time
from collections.abc import Collection, Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from itsm.files import store
from itsm.files.models import Attachment
from itsm.files.operations import lock_of
from itsm.locks import AdvisoryLock

# What was just withdrawn stays as long, so that a backup of yesterday's rows finds its bytes.
KEPT_FOR = timedelta(days=1)
_AT_ONCE = 500


def sweep() -> int:
    """Take away what nobody needs. Returns how many files went. Safe to run twice, and while others send."""
    return sum(_gone(names) for names in _by_hundreds()) + _sweep_incoming()


def _by_hundreds() -> Iterator[list[Path]]:
    everything = store.kept()
    while some := list(islice(everything, _AT_ONCE)):
        yield some


def referenced(hashes: Collection[str]) -> set[str]:
    """Those of these hashes whose bytes some row needs."""
    needed = Q(withdrawn_at=None) | Q(withdrawn_at__gt=timezone.now() - KEPT_FOR)
    return set(Attachment.objects.filter(needed, sha256__in=hashes).values_list("sha256", flat=True))


def _gone(paths: list[Path]) -> int:
    needed = referenced([path.name for path in paths])
    return sum(_take_away(path) for path in paths if path.name not in needed)


def _take_away(path: Path) -> bool:
    """Whoever keeps the same bytes holds them until their row is there: it is looked for again under the lock."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [AdvisoryLock.FILE_BYTES, _number(path.name)])
        if referenced([path.name]):
            return False
        store.thumbnail_of(path.name).unlink(missing_ok=True)
        path.unlink(missing_ok=True)
    return True


def _number(name: str) -> int:
    try:
        return lock_of(name)
    except ValueError:
        return 0  # nothing of ours: nobody else holds it


def _sweep_incoming() -> int:
    """What was not finished within a day never will be."""
    before, gone = time.time() - KEPT_FOR.total_seconds(), 0
    for path in store.folder(store.INCOMING).iterdir():
        try:
            if path.stat().st_mtime < before:
                path.unlink()
                gone += 1
        except FileNotFoundError:
            continue  # finished meanwhile
    return gone
