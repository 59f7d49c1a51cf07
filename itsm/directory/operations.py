"""What a person does about the sync of a directory."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from itsm import lifecycle
from itsm.clocks import due
from itsm.directory import permissions
from itsm.directory.models import DirectorySync, SyncRun
from itsm.directory.syncing import PREVIEWING, SYNCING
from itsm.directory.vocabulary import Outcome
from itsm.identity.models import IdentityProvider
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted, WrongState


@transaction.atomic
def ask_preview(provider: IdentityProvider, *, actor: Actor, at: datetime) -> SyncRun:
    """A run that only says what would change; also of a provider that is not trusted yet. One at a time.

    Raises NotPermitted, WrongState (withdrawn).
    """
    _require_keeper(actor)
    if provider.withdrawn_at is not None:
        raise WrongState(_("%(name)s was withdrawn.") % {"name": provider.name})
    waiting = SyncRun.objects.filter(provider=provider, preview=True, ended_at=None).first()
    if waiting is not None:
        return waiting
    run = SyncRun.objects.create(provider=provider, preview=True, asked_by_id=actor.account_id, begun_at=at)
    due.schedule(PREVIEWING, SyncRun.kind, run.pk, at)
    return run


def ask_sync(provider: IdentityProvider, *, actor: Actor, at: datetime) -> None:
    """The next sync is due now. Raises NotPermitted, WrongState (it is not trusted)."""
    _require_keeper(actor)
    if provider.trusted_at is None or provider.withdrawn_at is not None:
        raise WrongState(_("%(name)s is not trusted: it can be tried, and syncs nobody.") % {"name": provider.name})
    due.schedule(SYNCING, IdentityProvider.kind, provider.pk, at)


def let_go(held: DirectorySync, *, actor: Actor, version: int | None, at: datetime) -> DirectorySync:
    """The directory is right: whom it has no more may lose their account here, those and nobody else.

    Raises NotPermitted, WrongState (nothing waits for a person), StaleVersion, VersionRequired.
    """
    _require_keeper(actor)
    with lifecycle.edit(held, actor=actor, version=version, event="let_go") as current:
        if current.held_since is None:
            raise WrongState(_("Nothing waits for a person there."))
        current.let_go = list(current.leaving)
        due.schedule(SYNCING, IdentityProvider.kind, current.provider_id, at)
    return current


def is_under_way(provider: IdentityProvider) -> bool:
    """Whether a run holds the sync, as far as anybody knows."""
    return SyncRun.objects.filter(provider=provider, preview=False, outcome=Outcome.RUNNING).exists()


def _require_keeper(actor: Actor) -> None:
    if not permissions.keepers(actor):
        raise NotPermitted(_("Administrators, people, say by whom others come in."))
