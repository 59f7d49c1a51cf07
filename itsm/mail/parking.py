"""What a person decides about a mail that no record took. Each decision is one key, kept in the history, and stands.

A decision is written on the row before the mail is looked at anew: whatever ends that leaves it decided, or parked.
"""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.accounts.permissions import administrators
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted, WrongState
from itsm.mail import intake, parking_permissions
from itsm.mail.applying import apply
from itsm.mail.models import BlockedSender, IncomingMail
from itsm.mail.reasons import OPEN, Reason, Status

AT_ONCE = 50  # mails of one sender


@transaction.atomic
def retry(mail: IncomingMail, *, actor: Actor) -> IncomingMail:
    """Look at it once more, as when what was wrong has been mended. Raises NotPermitted, WrongState (not parked)."""
    return _again(_held(mail, actor), actor, "retried", [])


@transaction.atomic
def open_record(mail: IncomingMail, *, actor: Actor) -> IncomingMail:
    """Make a record of it all the same: of what can be read, for whoever wrote it. Raises NotPermitted, WrongState."""
    return _again(_held(mail, actor), actor, "opened", [OPEN])


@transaction.atomic
def discard(mail: IncomingMail, *, actor: Actor) -> IncomingMail:
    """Nothing follows from it; its bytes stay as long as mail is kept. Raises NotPermitted, WrongState (not parked)."""
    current = _held(mail, actor)
    _decided(current, actor, "discarded", status=Status.IGNORED, reason=Reason.DISCARDED)
    return current


@transaction.atomic
def take_all(mail: IncomingMail, *, actor: Actor) -> list[IncomingMail]:
    """All that this sender has parked because there were too many, oldest first, fifty at most: they are meant.

    Raises NotPermitted, WrongState (not parked).
    """
    first = _held(mail, actor)
    parked = IncomingMail.objects.visible_to(actor).filter(sender=first.sender, status=Status.PARKED)
    numbers = set(
        parked.filter(reason__in=(Reason.RATE, Reason.UNKNOWN_SENDER, Reason.GUESTS)).values_list("pk", flat=True)[
            :AT_ONCE
        ]
    )
    waived = [Reason.RATE.value, Reason.UNKNOWN_SENDER.value]
    return [
        _again(_held(one, actor), actor, "taken", waived)
        for one in IncomingMail.objects.filter(pk__in=numbers | {first.pk}).order_by("pk")
    ]


@transaction.atomic
def block(mail: IncomingMail, *, actor: Actor) -> IncomingMail:
    """Mail from this address to the same mailbox is ignored from now on, and so is what it has parked there; who is an
    administrator says it of all mailboxes, as far as they see what is parked.

    Raises NotPermitted, WrongState (not parked, or it names no sender).
    """
    current = _held(mail, actor)
    if not parking_permissions.blocks(actor, current):
        raise NotPermitted(_only_leads(actor))
    if not current.sender:
        raise WrongState(gettext("It names no sender that could be blocked."), state=current.status)
    there = None if administrators(actor) else current.mailbox
    BlockedSender.objects.get_or_create(
        address=current.sender, mailbox=there, defaults={"since": timezone.now(), "by_id": actor.account_id}
    )
    parked = IncomingMail.objects.visible_to(actor).filter(sender=current.sender, status=Status.PARKED)
    if there is not None:
        parked = parked.filter(mailbox=there)
    for one in parked.exclude(pk=current.pk).order_by("pk")[:AT_ONCE]:
        _decided(_held(one, actor), actor, "blocked", status=Status.IGNORED, reason=Reason.BLOCKED)
    _decided(current, actor, "blocked", status=Status.IGNORED, reason=Reason.BLOCKED)
    return current


@transaction.atomic
def unblock(blocked: BlockedSender, *, actor: Actor) -> None:
    """Mail from there is looked at again from now on. Raises NotPermitted."""
    if not parking_permissions.lifts(actor, blocked):
        raise NotPermitted(_only_leads(actor))
    lifecycle.announce(blocked, "unblocked", actor=actor, changes={"address": [blocked.address, None]})
    blocked.delete()


def _held(mail: IncomingMail, actor: Actor) -> IncomingMail:
    """The row as it stands, which the actor decides about."""
    current = lifecycle.locked(mail)
    if not parking_permissions.decides(actor, current):
        raise NotPermitted(_refusal(actor))
    if not current.is_undecided:
        raise WrongState(gettext("It is not parked any more."), state=current.status)
    return current


def _refusal(actor: Actor) -> str:
    said = gettext("%(name)s decides about no mail here: leads of a mailbox's team, managers and administrators do.")
    return said % {"name": actor.name}


def _only_leads(actor: Actor) -> str:
    said = gettext("%(name)s blocks nobody here: leads of a mailbox's team do for it, administrators for all.")
    return said % {"name": actor.name}


def _again(current: IncomingMail, actor: Actor, event: str, waived: list[str]) -> IncomingMail:
    _decided(current, actor, event, status=Status.NEW, reason="", overlooked=sorted({*current.overlooked, *waived}))
    done = apply(current.pk, timezone.now())
    return done if done is not None else current


def _decided(current: IncomingMail, actor: Actor, event: str, **fields: object) -> None:
    before = current.reason
    for name, value in fields.items():
        setattr(current, name, value)
    current.flags = [flag for flag in current.flags if flag == intake.HEADERS_FETCHED]
    current.decided_by_id, current.decided_at, current.version = actor.id, timezone.now(), current.version + 1
    current.save(update_fields=[*fields, "flags", "decided_by", "decided_at", "version"])
    lifecycle.announce(current, event, actor=actor, changes={"reason": [before, current.reason]})
