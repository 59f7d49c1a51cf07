"""API tokens: made once, shown once, kept as a keyed hash, checked in constant time."""

import re
import secrets
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from itsm import rows
from itsm.accounts.models import Token, User

_SHAPE = re.compile(r"^hr_([A-Za-z0-9]{12})\.([A-Za-z0-9_-]{43})$", re.ASCII)
_ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
LIFETIME = timedelta(days=90)


def fresh() -> tuple[str, str, str]:
    """A new (prefix, secret, hash). 256 bits of secret; the hash is keyed with SECRET_KEY."""
    prefix = "".join(secrets.choice(_ALPHABET) for _ in range(12))
    secret = secrets.token_urlsafe(32)
    return prefix, secret, _hash(secret)


def holder(text: str, now: datetime) -> Token | None:
    """The live token of a live owner that this text opens, or None. Wrong shape, wrong secret, expired: None."""
    found = _SHAPE.match(text)
    if found is None:
        return None
    token = _with_owner(found[1])
    expected = token.secret_hash if token else _hash("no such token")
    if not constant_time_compare(expected, _hash(found[2])) or token is None:
        return None
    if token.revoked_at or token.expires_at <= now or not token.owner.is_active:
        return None
    _note_use(token, now)
    return token


def _with_owner(prefix: str) -> Token | None:
    """Asked in every request of a program: token, owner and the owner's teams in one."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {rows.columns(Token)}, {rows.columns(User)},"  # noqa: S608 - no input
            " ARRAY(SELECT team_id FROM accounts_membership WHERE user_id = accounts_user.id)"
            " FROM accounts_token JOIN accounts_user ON accounts_user.id = accounts_token.owner_id"
            " WHERE accounts_token.prefix = %s",
            [prefix],
        )
        found = cursor.fetchone()
    if found is None:
        return None
    middle = rows.width(Token)
    token, owner = rows.read(Token, found[:middle]), rows.read(User, found[middle:-1])
    owner.teams_known = frozenset(found[-1])
    token.owner = owner
    return token


def _hash(secret: str) -> str:
    return salted_hmac("itsm.accounts.tokens", secret, algorithm="sha256").hexdigest()


def _note_use(token: Token, now: datetime) -> None:
    """Keep when it was last used, to the minute: not a write for every call."""
    if token.last_used_at is None or now - token.last_used_at > timedelta(minutes=1):
        Token.objects.filter(pk=token.pk).update(last_used_at=timezone.now())
