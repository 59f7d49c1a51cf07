"""A second person confirms: one mechanism for every write that could make an answer of the gate more lenient.

Operations below the gate propose such a write instead of doing it, and register (`confirms`, in `AppConfig.ready()`)
how it is done once another natural person without interest has confirmed. The records of the write are locked
before the confirmation, by everybody.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.accounts import interest, scopes
from itsm.accounts.models import Team, User
from itsm.accounts.raised import require_not_raised
from itsm.accounts.step_up import require_proof
from itsm.approvals.models import Confirmation
from itsm.approvals.workflow import CONFIRMATION, ConfirmationStatus
from itsm.audit.recording import plain
from itsm.clocks import due
from itsm.kernel.actors import Actor, Role
from itsm.kernel.errors import NotPermitted, VersionRequired
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import Saying, Words
from itsm.notifications.sayings import saying as _

EXPIRES = "approvals: a confirmation expires"
CLOCK = Actor.system("clock")
DECIDE_WITHIN = timedelta(days=7)

Apply = Callable[[Confirmation, Actor, datetime], None]
_applied: dict[str, Apply] = {}
_weighing: dict[str, Any] = {}


class Difference(NamedTuple):
    """One line of what a write changes, in words for people."""

    what: str
    before: str
    after: str


def confirms(action: str, apply: Apply, *, weighs: Any = None) -> None:
    """`apply(confirmation, actor, at)` does the write in the caller's transaction. Called once per action, at start.

    `weighs`: words for what is done, where who confirms shows once more who they are ("confirm an override").
    """
    _applied[action] = apply
    if weighs is not None:
        _weighing[action] = weighs


def weighs_much(confirmation: Confirmation) -> bool:
    """Whether who confirms it shows once more who they are."""
    return confirmation.action in _weighing


@transaction.atomic
def propose(
    record: Any,
    *,
    actor: Actor,
    at: datetime,
    action: str,
    subject: str,
    payload: Mapping[str, Any],
    differences: Sequence[Difference],
    services: Collection[int],
    roles: Collection[Role] = (Role.OWNER, Role.MANAGER),
    team: Team | None = None,
    excluded: Collection[int] = (),
    reason: str = "",
) -> Confirmation:
    """Keep a write until a second person confirms it, and tell those who may. The same write waits once.

    `excluded`: accounts that may not confirm; the people behind them are excluded with them, and so is who proposes.
    """
    if actor.id is None or actor.person_id is None:
        raise NotPermitted(gettext("Only accounts propose what a second person confirms."))
    kept = plain(payload)
    digest = _digest(kept)
    known = Confirmation.objects.waiting().filter(action=action, record_kind=record.kind, record_id=record.pk)
    same = known.filter(payload_hash=digest).first()
    if same is not None:
        return same
    proposal = Confirmation.objects.create(
        action=action, record_kind=record.kind, record_id=record.pk, record_reference=str(record.reference)[:80],
        record_path=address_of(record), subject=subject[:200], reason=reason.strip()[:2000], payload=kept,
        payload_hash=digest, differences=[one._asdict() for one in differences], services=sorted(services),
        roles=sorted(role.value for role in roles), team=team, proposed_by_id=actor.id, person_id=actor.person_id,
        excluded=sorted({actor.id, actor.person_id, *excluded, *interest.natural_persons(excluded)}),
        proposed_at=at, expires_at=at + DECIDE_WITHIN,
    )  # fmt: skip
    lifecycle.created(
        proposal, actor=actor, changes={"action": [None, action], "record": [None, proposal.record_reference]}
    )
    due.schedule(EXPIRES, Confirmation.kind, proposal.pk, proposal.expires_at)
    notify(
        _may_be_told(proposal),
        subject,
        body=proposal.reason,
        path=proposal.get_absolute_url(),
        record=proposal,
        by=("confirmation.asked", "approver"),
    )
    return proposal


def amend(
    confirmation: Confirmation,
    *,
    actor: Actor,
    at: datetime,
    subject: str,
    payload: Mapping[str, Any],
    differences: Sequence[Difference],
) -> Confirmation:
    """More of the same was proposed by the same person: what waits now says all of it, one version higher.

    The caller holds the record's lock, and began with what waits as it stands. The same again changes nothing.
    """
    kept = plain(payload)
    digest = _digest(kept)
    if digest == confirmation.payload_hash:
        return confirmation
    confirmation.payload, confirmation.payload_hash = kept, digest
    confirmation.subject = subject[:200]
    confirmation.differences = [one._asdict() for one in differences]
    confirmation.expires_at = at + DECIDE_WITHIN
    confirmation.version += 1
    names = ["payload", "payload_hash", "subject", "differences", "expires_at", "version"]
    confirmation.save(update_fields=names)
    due.schedule(EXPIRES, Confirmation.kind, confirmation.pk, confirmation.expires_at)
    lifecycle.announce(confirmation, "edited", actor=actor, changes={"subject": [None, confirmation.subject]})
    return confirmation


def _digest(payload: Any) -> str:
    return hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()


def address_of(record: Any) -> str:
    """The page of a record, as far as it has one."""
    found = getattr(record, "get_absolute_url", None)
    return str(found())[:200] if found is not None else ""


@CONFIRMATION.takes("confirm")
def confirm(confirmation: Confirmation, *, actor: Actor, at: datetime, version: int | None) -> Confirmation:
    """Do the write that waits. `version`: what was read; a proposal that changed since is not confirmed unseen.

    Raises NotPermitted (who proposed it, whom they made able to, programs, the interested, other roles),
    PasswordNeeded (what weighs much) and whatever the write raises.
    """
    _check_second(confirmation, actor, version)
    interest.require_no_interest(actor, confirmation.services, doing=gettext("confirm this"))
    if weighs_much(confirmation):
        require_proof(actor, doing=str(_weighing[confirmation.action]))
    with transaction.atomic():
        _applied[confirmation.action](confirmation, actor, at)
        with lifecycle.step(confirmation, "confirm", actor=actor, version=version) as current:
            current.decided_by_id, current.decided_at = actor.id, at
            due.cancel(Confirmation.kind, current.pk, EXPIRES)
        _notify_proposer(current, _("%(reference)s is confirmed: %(subject)s"))
    return current


@CONFIRMATION.takes("decline")
def decline(
    confirmation: Confirmation, *, actor: Actor, at: datetime, version: int | None, reason: str = ""
) -> Confirmation:
    """It is not done."""
    _check_second(confirmation, actor, version)
    with transaction.atomic():
        with lifecycle.step(confirmation, "decline", actor=actor, version=version, remark=reason) as current:
            current.decided_by_id, current.decided_at = actor.id, at
            due.cancel(Confirmation.kind, current.pk, EXPIRES)
        _notify_proposer(current, _("%(reference)s is declined: %(subject)s"), body=reason)
    return current


@CONFIRMATION.takes("withdraw")
def withdraw(
    confirmation: Confirmation, *, actor: Actor, at: datetime, version: int | None, reason: str = ""
) -> Confirmation:
    """Who proposed it takes it back."""
    with lifecycle.step(confirmation, "withdraw", actor=actor, version=version, remark=reason) as current:
        due.cancel(Confirmation.kind, current.pk, EXPIRES)
    return current


def expire(confirmation_id: int, at: datetime) -> None:
    """The due row's work: what nobody confirmed in time is off."""
    waiting = Confirmation.objects.waiting().filter(pk=confirmation_id).first()
    if waiting is not None:
        with lifecycle.step(waiting, "expire", actor=CLOCK) as current:
            _notify_proposer(current, _("%(reference)s has expired: %(subject)s"))


def _check_second(confirmation: Confirmation, actor: Actor, version: int | None) -> None:
    if not actor.is_human:
        raise NotPermitted(gettext("A second person confirms; pipelines and other programs never do."))
    if not actor.may_use(scopes.CHANGES_APPROVE):
        raise NotPermitted(gettext("This token's scopes do not include approving."))
    if actor.person_id in confirmation.excluded and confirmation.status == ConfirmationStatus.PROPOSED:
        raise NotPermitted(
            gettext(
                "Four eyes: %(actor_name)s proposed %(reference)s or measures what it changes; another person decides."
            )
            % {"actor_name": actor.name, "reference": confirmation.reference}
        )
    confirmation.workflow.begin("confirm", actor, confirmation)
    require_not_raised(actor, [confirmation.proposed_by_id, confirmation.person_id], reference=confirmation.reference)
    if version is None:
        raise VersionRequired(
            gettext("Send If-Match with the version of %(reference)s that you read.")
            % {"reference": confirmation.reference}
        )


def _may_be_told(proposal: Confirmation) -> list[User]:
    people = User.objects.active_people().exclude(pk__in=proposal.excluded)
    asked = people.filter(roles__overlap=[role for role in proposal.roles if role != Role.OWNER.value])
    owners = people.filter(roles__contains=[Role.OWNER.value]) if Role.OWNER.value in proposal.roles else people.none()
    if proposal.team_id is not None:
        owners = owners.filter(teams=proposal.team_id)
    return [*asked, *owners]


def _notify_proposer(proposal: Confirmation, sentence: Saying, body: Words = "") -> None:
    words = {"reference": proposal.reference, "subject": proposal.subject}
    notify(
        User.objects.filter(pk=proposal.person_id),
        sentence % words,
        body=body,
        path=proposal.get_absolute_url(),
        record=proposal,
        by=("confirmation.answered", "caller"),
    )
