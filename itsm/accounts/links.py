"""One-time links: an invitation, a new password, the proof that somebody reads an address.

A link is signed and holds no secret of its own: it says who, and carries a fingerprint of what must not have changed
since (password, `access_version`). So nothing lies in the database that opens a door, and what a link did once makes
it void. The link of a mail is made when the mail is sent.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext

from itsm.accounts.models import EmailAddress, User
from itsm.notifications.models import Delivery
from itsm.notifications.outbox import enqueue

CHANNEL = "link"


class Purpose(StrEnum):
    INVITATION = "invitation"
    RESET = "reset"
    ADDRESS = "address"


LIFETIMES = {
    Purpose.INVITATION: timedelta(days=7),
    Purpose.RESET: timedelta(hours=1),
    Purpose.ADDRESS: timedelta(days=2),
}
_PATHS = {Purpose.INVITATION: "/welcome/", Purpose.RESET: "/new-password/", Purpose.ADDRESS: "/profile/verify/"}
_MAX_LENGTH = 400


@dataclass(frozen=True, slots=True)
class Opened:
    """Whom a link is for; `about`: what it carries; `mailed`: it can only have come from their mail."""

    user: User
    about: str
    mailed: bool


def made(user: User, purpose: Purpose, *, about: str = "", mailed: bool = False) -> str:
    """The token of a link. It works once, for the lifetime of its purpose."""
    return signing.dumps([user.pk, _fingerprint(user), about, mailed], salt=_salt(purpose))


def opened(token: str, purpose: Purpose) -> Opened | None:
    """Whom the token is for, or None: made up, for another purpose, expired, used, or of somebody who left."""
    if len(token) > _MAX_LENGTH:
        return None
    try:
        pk, fingerprint, about, mailed = signing.loads(token, salt=_salt(purpose), max_age=LIFETIMES[purpose])
    except (signing.BadSignature, ValueError):
        return None
    user = User.objects.active_people().filter(pk=pk).first()
    if user is None or not constant_time_compare(fingerprint, _fingerprint(user)):
        return None
    return Opened(user, about, mailed)


def address_of(purpose: Purpose, token: str) -> str:
    """The link itself."""
    return f"{settings.BASE_URL}{_PATHS[purpose]}{token}/"


def can_mail() -> bool:
    """Whether mails leave at all; without it an administrator is shown an invitation's link."""
    return not settings.EMAIL_BACKEND.endswith("dummy.EmailBackend")


def owe_mail(user: User, purpose: Purpose, *, about: str = "", key: str = "") -> None:
    """Owe the mail with a link, in the caller's transaction; what lies there opens nothing."""
    enqueue(CHANNEL, {"user": user.pk, "purpose": purpose, "about": about}, aggregate=f"link-{user.pk}", key=key)


def send(owed: Delivery) -> None:
    """The relay's work: make the link now and mail it to where it belongs."""
    said: dict[str, Any] = owed.payload
    purpose = Purpose(said["purpose"])
    for user in _wanted(said):
        recipient = _recipient(user, purpose, str(said.get("about", "")))
        if recipient:
            _mail(user, purpose, recipient, str(said.get("about", "")), owed.key)


def _wanted(said: dict[str, Any]) -> list[User]:
    active = User.objects.active_people()
    if "user" in said:
        return list(active.filter(pk=said["user"]))
    typed = str(said.get("typed", ""))
    named = active.filter(username__iexact=typed)
    mailed = active.filter(addresses__email__iexact=typed, addresses__verified_at__isnull=False)
    return list({one.pk: one for one in [*named, *mailed, *active.filter(email__iexact=typed)]}.values())[:1]


def _recipient(user: User, purpose: Purpose, about: str) -> str:
    if purpose is not Purpose.ADDRESS:
        return user.email
    address = EmailAddress.objects.filter(pk=int(about or 0), user=user).first()
    return address.email if address else ""


def _mail(user: User, purpose: Purpose, recipient: str, about: str, key: str) -> None:
    subjects = {
        Purpose.INVITATION: gettext("You are invited to Headroom"),
        Purpose.RESET: gettext("Choose a new password for Headroom"),
        Purpose.ADDRESS: gettext("Is this your address? Headroom asks"),
    }
    sentences = {
        Purpose.INVITATION: gettext("Your user name is %(login)s. Choose a password here, within seven days:"),
        Purpose.RESET: gettext(
            "Somebody asked for a new password for %(login)s. If that was you, choose one here within an hour; if not, "
            "nothing changes:"
        ),
        Purpose.ADDRESS: gettext(
            "%(login)s named this address as theirs. If it is yours, sign in and follow this link:"
        ),
    }
    link = address_of(purpose, made(user, purpose, about=about, mailed=True))
    EmailMessage(
        subject=subjects[purpose],
        body=f"{sentences[purpose] % {'login': user.username}}\n\n{link}\n",
        to=[recipient],
        headers={"Auto-Submitted": "auto-generated", "Message-ID": f"<link-{key}@headroom.invalid>"},
    ).send()


def _salt(purpose: Purpose) -> str:
    return f"itsm.accounts.links.{purpose}"


def _fingerprint(user: User) -> str:
    invited = user.invited_at.timestamp() if user.invited_at else 0
    said = f"{user.password}:{user.access_version}:{invited}"
    return salted_hmac("itsm.accounts.links", said, algorithm="sha256").hexdigest()[:32]


def typed_key(typed: str) -> str:
    """The key of a mail for what somebody typed: asked for again within ten minutes, it is owed once."""
    minute = int(timezone.now().timestamp()) // 600
    digest = salted_hmac("itsm.accounts.links.typed", typed.casefold(), algorithm="sha256").hexdigest()[:32]
    return f"reset-{digest}-{minute}"
