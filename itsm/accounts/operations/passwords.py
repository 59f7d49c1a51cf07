"""Inviting, and choosing a password: at the first time, when it is forgotten, and because one wants another."""

from datetime import timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.accounts import links
from itsm.accounts.actors import actor_for
from itsm.accounts.links import Purpose
from itsm.accounts.models import EmailAddress, ResetRequest, Session, User
from itsm.accounts.operations.checks import (
    locked_people,
    people_keep_who_decides,
    people_keepers_only,
    require_unsealed,
    still_keepers_only,
)
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted
from itsm.notifications.models import PushDevice
from itsm.notifications.notifying import notify
from itsm.notifications.outbox import enqueue
from itsm.notifications.sayings import Words
from itsm.notifications.sayings import saying as _

MAX_RESETS = 10
RESETS_PER = timedelta(hours=1)


@transaction.atomic
def invite(user: User, *, actor: Actor) -> str:
    """Invite a person to choose their first password. Links of earlier invitations are void.

    A mail goes out where there is an address and mails leave; otherwise the link is returned, to be handed over.
    Raises NotPermitted, Conflict (a service account, not active, has a password).
    """
    people_keepers_only(actor)
    require_unsealed(user, actor)
    held = locked_people(user)
    still_keepers_only(actor, held)
    current = held[user.pk]
    people_keep_who_decides(actor, *current.roles)
    if not current.is_human or not current.is_active:
        raise Conflict(gettext("Only active people are invited; a service account gets a token."))
    if current.may_sign_in:
        raise Conflict(
            gettext("%(user)s has a password already, and can ask for another on the sign-in page.")
            % {"user": current.username}
        )
    current.invited_at = timezone.now()
    current.save(update_fields=["invited_at"])
    lifecycle.announce(current, "invited", actor=actor, changes={"invited_at": [None, current.invited_at]})
    if links.can_mail() and current.email:
        links.owe_mail(current, Purpose.INVITATION)
        return ""
    _shown_to_people_alone(actor)
    return links.address_of(Purpose.INVITATION, links.made(current, Purpose.INVITATION))


@transaction.atomic
def send_reset(user: User, *, actor: Actor) -> str:
    """What an administrator does for who has forgotten a password: as `invite`, for who has one already.

    Nothing ends until the link is used. Raises NotPermitted, Conflict (not active, a service account, never came in).
    """
    people_keepers_only(actor)
    require_unsealed(user, actor)
    held = locked_people(user)
    still_keepers_only(actor, held)
    current = held[user.pk]
    people_keep_who_decides(actor, *current.roles)
    if not current.may_sign_in:
        raise Conflict(gettext("%(user)s has no password to forget; send an invitation.") % {"user": current.username})
    lifecycle.announce(current, "reset_sent", actor=actor)
    if links.can_mail() and current.email:
        links.owe_mail(current, Purpose.RESET)
        return ""
    _shown_to_people_alone(actor)
    return links.address_of(Purpose.RESET, links.made(current, Purpose.RESET))


def _shown_to_people_alone(actor: Actor) -> None:
    """A program that held the link could come in as the person."""
    if not (actor.is_human or actor.is_system):
        raise NotPermitted(gettext("Programs are not shown links that let people in; a mail needs an address."))


@transaction.atomic
def ask_for_reset(typed: str, *, asked_from: str) -> None:
    """Somebody forgot a password: a mail is owed, whether or not there is such an account; who asks learns nothing.

    Raises Conflict (retryable) for an address that asked ten times within an hour.
    """
    now = timezone.now()
    if ResetRequest.objects.filter(asked_from=asked_from, asked_at__gt=now - RESETS_PER).count() >= MAX_RESETS:
        raise TooManyResets(gettext("This was asked for very often from here. Wait an hour, or ask an administrator."))
    ResetRequest.objects.create(asked_from=asked_from[:45], asked_at=now)
    text = typed.strip()[:254]
    enqueue(links.CHANNEL, {"typed": text, "purpose": Purpose.RESET}, aggregate="link-reset", key=links.typed_key(text))


class TooManyResets(Conflict):
    """Answered with 429: too many letters for a new password were asked for; later it works again."""

    code, title, status, retryable = "too-many-requests", "Too many requests", 429, True


@transaction.atomic
def choose_password(token: str, purpose: Purpose, *, password: str) -> User:
    """What a link is good for, once: a password, with which the person signs in. Every session of theirs ends.

    Raises NotFound (the link opens nothing), InvalidInput (the password is too easy).
    """
    opened = links.opened(token, purpose)
    if opened is not None:
        current = locked_people(opened.user)[opened.user.pk]
        opened = links.opened(token, purpose)  # under the lock: it may just have been used
    if opened is None:
        raise NotFound(gettext("This link has been used, has expired, or was never ours."))
    actor = actor_for(current, Door.WEB)
    _set_password(current, password)
    if opened.mailed:
        mine = EmailAddress.objects.filter(user=current, is_primary=True, verified_at=None)
        mine.update(verified_at=timezone.now())
    event = "joined" if purpose is Purpose.INVITATION else "password_reset"
    lifecycle.announce(current, event, actor=actor)
    if purpose is Purpose.RESET:
        _tell(current, _("Your password was changed by a link that was mailed to you"))
    return current


@transaction.atomic
def change_password(user: User, *, actor: Actor, current_password: str, password: str) -> User:
    """One's own, knowing the present one. Every session ends; the door that asked opens a new one.

    Raises NotPermitted, InvalidInput (the present one is another, the new one is too easy).
    """
    if actor.id != user.pk or not actor.is_human:
        raise NotPermitted(gettext("Passwords are changed by whose they are; others are sent a link."))
    current = locked_people(user)[user.pk]
    if not current.check_password(current_password):
        raise InvalidInput(
            gettext("That is not your present password."), {"current_password": [gettext("This is another one.")]}
        )
    _set_password(current, password)
    lifecycle.announce(current, "password_changed", actor=actor)
    _tell(current, _("Your password was changed"))
    return current


def _set_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages), {"password": error.messages}) from error
    user.set_password(password)
    user.access_version += 1
    user.save(update_fields=["password", "access_version"])
    Session.objects.filter(user=user).delete()
    PushDevice.objects.filter(user=user).delete()  # one may be of whoever knew the old one


def _tell(user: User, subject: Words) -> None:
    body = _("If that was not you, ask an administrator to deactivate your account.")
    notify([user], subject, body=body, path="/profile/", record=user, by=("account.changed", "self"))
