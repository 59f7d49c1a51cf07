"""When a directory is synced: promised as a due row, done beside it. Nothing is asked inside a sweep's transaction."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from itsm.clocks import due
from itsm.directory.configured import directory_of
from itsm.directory.models import SyncRun
from itsm.directory.syncing import SYNCING, show, sync
from itsm.directory.vocabulary import Outcome
from itsm.identity.models import IdentityProvider
from itsm.identity.vocabulary import Protocol

logger = logging.getLogger(__name__)
AT_ONCE = 4  # directories, in one process

_under_way: set[tuple[str, int]] = set()
_guard = threading.Lock()


def sync_when_due(provider_id: int, at: datetime) -> None:
    """Promise the next sync, and begin this one once that is committed. One that is trusted no more is left."""
    provider = IdentityProvider.objects.standing().filter(pk=provider_id, protocol=Protocol.LDAP).first()
    if provider is None:
        return
    minutes = directory_of(provider.configuration).minutes
    due.schedule(SYNCING, IdentityProvider.kind, provider_id, at + timedelta(minutes=minutes))
    transaction.on_commit(lambda: _beside("sync", provider_id, _sync), robust=True)


def show_when_due(run_id: int, at: datetime) -> None:
    """Begin a preview that somebody asked for."""
    if SyncRun.objects.filter(pk=run_id, outcome=Outcome.WAITING).exists():
        transaction.on_commit(lambda: _beside("preview", run_id, _show), robust=True)


def _sync(provider_id: int) -> None:
    provider = IdentityProvider.objects.standing().filter(pk=provider_id).first()
    if provider is not None:
        sync(provider, at=timezone.now())


def _show(run_id: int) -> None:
    run = SyncRun.objects.select_related("provider").filter(pk=run_id).first()
    if run is not None:
        show(run, at=timezone.now())


def _beside(what: str, key: int, do: Callable[[int], None]) -> None:
    """On a thread of its own, unless that is under way; where too many are, the next time asks again."""
    with _guard:
        if (what, key) in _under_way or len(_under_way) >= AT_ONCE:
            return
        _under_way.add((what, key))

    def work() -> None:
        try:
            do(key)
        except Exception:  # the next one is promised
            logger.exception("%s of directory %s", what, key)
        finally:
            connection.close()
            with _guard:
                _under_way.discard((what, key))

    threading.Thread(target=work, name=f"{what}-{key}", daemon=True).start()
