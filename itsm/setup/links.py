"""The first administrator: a link from the terminal makes one, once, while there is none."""

import secrets
from datetime import datetime, timedelta

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext

from itsm.accounts import operations as accounts
from itsm.accounts.models import Role, User
from itsm.audit.recording import record_event
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import Conflict, InvalidInput, NotFound
from itsm.setup.models import SetupLink

LIFETIME = timedelta(hours=24)
OPERATOR = Actor.system("setup_link", Door.COMMAND)
NEWCOMER = Actor.system("set-up", Door.WEB)


def has_administrator() -> bool:
    """Whether somebody can sign in and manage accounts."""
    people = User.objects.administrators()
    return any(person.has_usable_password() for person in people)


def has_people() -> bool:
    """Whether anybody can sign in at all."""
    people = User.objects.active_people()
    return people.exclude(Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)).exists()


@transaction.atomic
def make_link(*, at: datetime) -> tuple[SetupLink, str]:
    """A new link and its secret, which is shown this once; earlier unused ones end.

    Conflict where there is an administrator.
    """
    _locked_links()
    if has_administrator():
        raise Conflict(gettext("There is an administrator already; they add people."))
    SetupLink.objects.filter(used_at=None, expires_at__gt=at).update(expires_at=at)
    secret = secrets.token_urlsafe(32)
    link = SetupLink.objects.create(secret_hash=_hash(secret), created_at=at, expires_at=at + LIFETIME)
    record_event("setup_link.created", link, actor=OPERATOR, changes={"expires_at": [None, link.expires_at]})
    return link, secret


def is_open(secret: str, at: datetime) -> bool:
    """Whether this link would make an administrator now."""
    return SetupLink.objects.filter(secret_hash=_hash(secret), used_at=None, expires_at__gt=at).exists() and (
        not has_administrator()
    )


@transaction.atomic
def found_administrator(secret: str, *, username: str, name: str, email: str, password: str, at: datetime) -> User:
    """The first administrator, signed up by a link. Two at once take turns, and the second finds it used.

    An account that is an administrator already and has no password yet (from a file) is given this one.
    Raises NotFound (unknown, used or expired link, or there is an administrator), InvalidInput (password, fields).
    """
    link = next((one for one in _locked_links() if one.secret_hash == _hash(secret)), None)
    if link is None or link.used_at is not None or link.expires_at <= at or has_administrator():
        raise NotFound(gettext("This link is used or expired; ./manage.py setup_link makes another one."))
    user = _named_in_a_file(username) or User(username=username, name=name, email=email)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages), {"password": error.messages}) from error
    if user._state.adding:
        user = accounts.add_user(
            actor=NEWCOMER, username=username, roles=[Role.ADMIN.value], name=name, email=email, password=password
        )
    else:
        user.set_password(password)
        user.save(update_fields=["password"])
        record_event("user.password_set", user, actor=NEWCOMER)
    link.used_at = at
    link.save(update_fields=["used_at"])
    record_event("setup_link.used", link, actor=NEWCOMER, changes={"administrator": [None, user.username]})
    return user


def named_in_a_file() -> list[User]:
    """Administrators that a file named, who have no password yet: the link is for one of them, or for somebody else."""
    people = User.objects.administrators().order_by("username")
    return [one for one in people[:20] if not one.has_usable_password()]


def _named_in_a_file(username: str) -> User | None:
    known = (
        User.objects.select_for_update(no_key=True).filter(username__iexact=username.strip(), is_active=True).first()
    )
    if known is None or known.has_usable_password() or not known.is_human or Role.ADMIN.value not in known.roles:
        return None
    return known


def _locked_links() -> list[SetupLink]:
    """All of them, in one order: whoever makes or uses a link waits for whoever does."""
    return list(SetupLink.objects.select_for_update(no_key=True).order_by("id"))


def _hash(secret: str) -> str:
    return salted_hmac("itsm.setup.links", secret, algorithm="sha256").hexdigest()
