"""One sync of a directory: it is held by one run at a time, looks, then does what is due, person by person.

Each person is one transaction, in which the run makes sure that it still holds the sync: a run that was thought dead,
and was not, writes nothing after another one began. Who is killed leaves everybody whole; the next run does the rest.
Who left is done first. A look that failed takes nothing from anybody; one that would take too much waits for a person.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from itsm.accounts.models import User
from itsm.clocks import due
from itsm.directory.configured import directory_of
from itsm.directory.line import DirectoryFailed
from itsm.directory.looking import Due, look
from itsm.directory.models import DirectorySync, SyncRun
from itsm.directory.vocabulary import Outcome
from itsm.identity.errors import SignUpRefused
from itsm.identity.models import IdentityProvider
from itsm.identity.operations import Identified, deprovision, provision, restore
from itsm.kernel.errors import DomainError
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import saying as _

logger = logging.getLogger(__name__)
SYNCING, PREVIEWING = "directory.sync", "directory.preview"
LEASE = timedelta(seconds=90)  # so long a run may be silent before another one begins
_BEAT_SECONDS = 10.0
_MOST_LINES = 300
_MOST_LEAVING = 5000


class NotOurs(Exception):
    """Another run holds the sync now."""


def sync_of(provider: IdentityProvider, at: datetime) -> DirectorySync:
    """Its row; made where there is none."""
    return DirectorySync.objects.get_or_create(provider=provider, defaults={"due_at": at})[0]


def sync(provider: IdentityProvider, *, at: datetime, by: User | None = None) -> SyncRun | None:
    """Do one run; None where another one is under way. Safe to call twice, also at once. Raises nothing of theirs."""
    run = _claimed(provider, at, by)
    if run is None:
        return None
    try:
        _carried_out(provider, run, at)
    except NotOurs:
        _over(run, Outcome.BROKEN_OFF, gettext("Another run began meanwhile."))
    except DirectoryFailed as error:
        _failed(provider, run, str(error), at)
    except Exception as error:
        logger.exception("sync of directory %s", provider.slug)
        _failed(provider, run, type(error).__name__, at)
    run.refresh_from_db()
    return run


def show(run: SyncRun, *, at: datetime) -> SyncRun:
    """Do a run that only says what would change, of a provider that may still be a draft."""
    if not SyncRun.objects.filter(pk=run.pk, outcome=Outcome.WAITING).update(outcome=Outcome.RUNNING):
        return run
    try:
        found = look(run.provider, DirectorySync.objects.filter(provider=run.provider).first(), at)
    except DirectoryFailed as error:
        _over(run, Outcome.FAILED, str(error))
    else:
        _note(run, found, lines=_lines(found))
        _over(run, Outcome.HELD if found.odd else Outcome.DONE, _odd_words(found) if found.odd else "")
    run.refresh_from_db()
    return run


@transaction.atomic
def _claimed(provider: IdentityProvider, at: datetime, by: User | None) -> SyncRun | None:
    sync_of(provider, at)
    held = DirectorySync.objects.select_for_update(no_key=True).get(provider=provider)
    now = timezone.now()
    if held.busy_until is not None and held.busy_until > now:
        return None
    dead = SyncRun.objects.filter(provider=provider, preview=False, outcome=Outcome.RUNNING)
    dead.update(outcome=Outcome.BROKEN_OFF, ended_at=now, sentence=gettext("It was heard of no more."))
    run = SyncRun.objects.create(provider=provider, outcome=Outcome.RUNNING, asked_by=by, begun_at=at)
    held.run, held.busy_until = run, now + LEASE
    held.due_at = at + timedelta(minutes=directory_of(provider.configuration).minutes)
    held.save(update_fields=["run", "busy_until", "due_at"])
    return run


class _Beat:
    """Says now and then that the run lives, and how far it is. Raises NotOurs."""

    def __init__(self, run: SyncRun) -> None:
        self._run, self._next = run, time.monotonic() + _BEAT_SECONDS

    def __call__(self) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _BEAT_SECONDS
        ours = DirectorySync.objects.filter(provider=self._run.provider_id, run=self._run)
        if not ours.update(busy_until=timezone.now() + LEASE):
            raise NotOurs
        _save_counts(self._run)


def _carried_out(provider: IdentityProvider, run: SyncRun, at: datetime) -> None:
    beat = _Beat(run)
    found = look(provider, sync_of(provider, at), at, alive=beat)
    _note(run, found, lines=_lines(found))
    if not found.odd:
        for subject in found.leaving:
            _one(run, "left", lambda name=subject: deprovision(provider, name, at=at), beat)
    for said in found.back:
        _one(run, "back", lambda one=said: _back(provider, one, at), beat)
    for said in found.changed:
        _one(run, "changed", lambda one=said: provision(provider, one, at=at), beat)
    for plan in found.new:
        _one(run, "made", lambda one=plan.identified: provision(provider, one, at=at), beat)
    _finished(provider, run, found, at)


def _back(provider: IdentityProvider, said: Identified, at: datetime) -> None:
    restore(provider, said.subject, at=at)
    provision(provider, said, at=at)


def _one(run: SyncRun, count: str, do: Callable[..., Any], beat: _Beat) -> None:
    """One person, whole or not at all, while this run still holds the sync."""
    beat()
    try:
        with transaction.atomic():
            holds = DirectorySync.objects.select_for_update(no_key=True).filter(provider=run.provider_id, run=run)
            if not holds.exists():
                raise NotOurs
            do()
    except SignUpRefused:
        run.refused += 1
    except (DomainError, DatabaseError) as error:
        logger.warning("sync of directory %s: %s", run.provider_id, error)
        run.failed += 1
        run.sentence = str(error)[:500]
    else:
        setattr(run, count, getattr(run, count) + 1)


def _finished(provider: IdentityProvider, run: SyncRun, found: Due, at: datetime) -> None:
    """How far it came is kept with its end, in one transaction. What failed is read whole again the next time."""
    with transaction.atomic():
        held = DirectorySync.objects.select_for_update(no_key=True).get(provider=provider)
        if held.run_id != run.pk:
            raise NotOurs
        was_held = held.held_since is not None
        held.held_since = (held.held_since or at) if found.odd else None
        held.leaving = found.leaving[:_MOST_LEAVING] if found.odd else []
        held.let_go = held.let_go if found.odd else []
        held.changed_to = "" if run.failed else found.seen.changed_to[:40]
        held.read_as = found.seen.read_as
        if found.seen.whole:
            held.whole_at = at
        held.done_at, held.failing_since, held.busy_until, held.run = at, None, None, None
        held.version += 1 if was_held != found.odd or found.odd else 0
        held.save()
        IdentityProvider.objects.filter(pk=provider.pk).update(known_at=at, last_error="")
        if found.odd and not was_held:
            _ask(provider, held, found)
    _over(run, Outcome.HELD if found.odd else Outcome.DONE, _odd_words(found) if found.odd else run.sentence)


def _ask(provider: IdentityProvider, held: DirectorySync, found: Due) -> None:
    keepers = User.objects.administrators()
    words = {"count": len(found.leaving), "known": found.known, "name": provider.name}
    subject = _("%(name)s answered oddly: %(count)s of %(known)s people would lose their account. Look at it") % words
    notify(list(keepers), subject, path=held.get_absolute_url(), record=held)


def _failed(provider: IdentityProvider, run: SyncRun, sentence: str, at: datetime) -> None:
    with transaction.atomic():
        held = DirectorySync.objects.select_for_update(no_key=True).get(provider=provider)
        if held.run_id == run.pk:
            held.run, held.busy_until, held.failing_since = None, None, held.failing_since or at
            held.save(update_fields=["run", "busy_until", "failing_since"])
        IdentityProvider.objects.filter(pk=provider.pk).update(last_error=sentence[:300])
    _over(run, Outcome.FAILED, sentence)


def _note(run: SyncRun, found: Due, *, lines: list[dict[str, str]]) -> None:
    run.found, run.whole, run.to_do = found.seen.found, found.seen.whole, found.count
    run.refused, run.lines = found.refused, lines
    if run.preview:
        run.made, run.changed, run.left, run.back = (
            len(found.new), len(found.changed), len(found.leaving), len(found.back),
        )  # fmt: skip
    run.save()


def _lines(found: Due) -> list[dict[str, str]]:
    """Who it is about, some of each kind."""
    said = [("left", subject, "") for subject in found.leaving[:_MOST_LINES]]
    said += [("back", one.subject, one.login_hint) for one in found.back[:_MOST_LINES]]
    said += [("changed", one.subject, one.login_hint) for one in found.changed[:_MOST_LINES]]
    said += [("made", one.identified.subject, one.identified.login_hint) for one in found.new[:_MOST_LINES]]
    return [{"kind": kind, "subject": subject, "who": who} for kind, subject, who in said]


def _odd_words(found: Due) -> str:
    said = gettext(
        "The directory answered oddly: %(count)s of %(known)s people would lose their account. Nobody lost it."
    )
    return said % {"count": len(found.leaving), "known": found.known}


def _save_counts(run: SyncRun) -> None:
    run.save(update_fields=["made", "changed", "left", "back", "refused", "failed", "to_do", "found"])


def _over(run: SyncRun, outcome: Outcome, sentence: str) -> None:
    run.outcome, run.ended_at, run.sentence = outcome, timezone.now(), sentence[:500]
    run.save()


def promise(at: datetime) -> int:
    """Each directory that is trusted is promised its next sync; runs that died, and old ones, are done with."""
    count = 0
    for provider in IdentityProvider.objects.standing().filter(protocol="ldap"):
        held = sync_of(provider, at)
        if due.promised(SYNCING, IdentityProvider.kind, provider.pk) is None:
            due.schedule(SYNCING, IdentityProvider.kind, provider.pk, max(held.due_at, at))
            count += 1
    silent = SyncRun.objects.filter(preview=True, ended_at=None, begun_at__lt=at - timedelta(minutes=10))
    silent.update(outcome=Outcome.BROKEN_OFF, ended_at=at)
    SyncRun.objects.filter(begun_at__lt=at - timedelta(days=30)).delete()
    return count
