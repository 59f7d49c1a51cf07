"""Words about artifacts: said, taken back by whoever said them, and whose word counts."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from changes.change import permissions
from changes.change.models import Attestation, Attestor
from changes.gate.artifacts import is_immutable
from itsm import lifecycle
from itsm.accounts.interest import require_no_interest
from itsm.accounts.models import User
from itsm.audit.recording import record_event
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, WrongState

if TYPE_CHECKING:
    from catalog.models import Service


@transaction.atomic
def attest(
    *, actor: Actor, service: "Service", artifact_digest: str, about: str, source: str, at: datetime, **said: Any
) -> Attestation:
    """Keep a principal's word about an artifact of a service. It counts as proof only for changes of others.

    Raises NotPermitted, InvalidInput (a tag can be moved to another artifact: nothing is proven about it).
    """
    if not permissions.attesters(actor) or actor.id is None:
        raise NotPermitted(gettext("%(actor_name)s may not attest.") % {"actor_name": actor.name})
    if not is_immutable(artifact_digest):
        sentence = gettext("Name the artifact by sha256: and 64 lower-case hex digits; a tag can be moved to another.")
        raise InvalidInput.about("artifact_digest", sentence)
    word = Attestation.objects.create(
        service=service, artifact_digest=artifact_digest, about=about, source=source, by_id=actor.id, at=at, **said
    )
    changes = {"about": [None, about], "service": [None, service.slug], "artifact": [None, artifact_digest]}
    record_event("attestation.made", word, actor=actor, changes=changes)
    return word


@transaction.atomic
def withdraw(word: Attestation, *, actor: Actor, at: datetime) -> Attestation:
    """Take one's own word back; both stay to be seen. Returns the row that says so.

    Raises NotPermitted for anybody but its author, WrongState where it is taken back already.
    """
    if actor.id is None or not permissions.attestation_authors(actor, word):
        raise NotPermitted(gettext("Only whoever said it takes it back."))
    if word.withdraws_id is not None:
        raise WrongState(gettext("This takes another word back; say it anew instead."))
    try:
        with transaction.atomic():
            taken = Attestation.objects.create(
                service_id=word.service_id, artifact_digest=word.artifact_digest, about=word.about, source=word.source,
                by_id=actor.id, at=at, withdraws=word,
            )  # fmt: skip
    except IntegrityError as error:
        raise WrongState(gettext("This word has been taken back already.")) from error
    record_event("attestation.withdrawn", taken, actor=actor, changes={"withdraws": [None, word.reference]})
    return taken


@transaction.atomic
def name_attestor(*, actor: Actor, service: "Service", about: str, account: User, at: datetime) -> Attestor:
    """Believe what this account says about this subject of the service's artifacts, from now on.

    Raises NotPermitted (no owner or manager, a program, who has a stake in an open change), InvalidInput (a software
    agent), Conflict (named already).
    """
    _require_keeper(actor, service.pk, gettext("name attestors"))
    if account.account_type == User.AccountType.AGENT:
        raise InvalidInput.about("account", gettext("A software agent vouches for nothing; name somebody else."))
    try:
        with transaction.atomic():
            named = Attestor.objects.create(
                service=service, about=about, account=account, named_by_id=actor.account_id, named_at=at
            )
    except IntegrityError as error:
        raise Conflict(gettext("%(account)s is named for this already.") % {"account": account}) from error
    return lifecycle.created(named, actor=actor, changes=_told(named))


@transaction.atomic
def dismiss_attestor(named: Attestor, *, actor: Actor, version: int | None, at: datetime) -> Attestor:
    """Believe no kind word of it any more; a strict one that it said while it was named goes on to count.

    Raises NotPermitted, and WrongState where it is not named.
    """
    _require_keeper(actor, named.service_id, gettext("dismiss attestors"))
    if named.dismissed_at is not None:
        raise WrongState(gettext("%(account)s has been dismissed already.") % {"account": named.account})
    with lifecycle.edit(named, actor=actor, version=version, event="dismissed") as current:
        current.dismissed_at = at
        current.dismissed_by_id = actor.id
    return current


def _require_keeper(actor: Actor, service_id: int, doing: str) -> None:
    if not permissions.attestor_keepers(actor):
        raise NotPermitted(gettext("Owners and managers, people, say whose word counts."))
    require_no_interest(actor, [service_id], doing=doing)


def _told(named: Attestor) -> dict[str, Any]:
    return {"account": [None, str(named.account)], "about": [None, named.about], "service": [None, named.service.slug]}
