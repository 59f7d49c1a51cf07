"""API tokens: made once, shown once, kept as a keyed hash, checked in constant time."""

import ipaddress
import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache

from django.db import connection
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext

from itsm import rows
from itsm.accounts.models import AddressClass, Token, User
from itsm.accounts.own_roles import NAMES_OF_ACCOUNT
from itsm.kernel.errors import DomainError
from itsm.prepared import Prepared

_SHAPE = re.compile(r"^hr_([A-Za-z0-9]{12})\.([A-Za-z0-9_-]{43})$", re.ASCII)
_ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
LIFETIME = timedelta(days=90)
# A row here holds all that could happen twice, or be opened again, after a restore (`itsm.notifications.quarantine`).
HELD = "EXISTS (SELECT FROM notifications_quarantine WHERE released_at IS NULL)"


def fresh() -> tuple[str, str, str]:
    """A new (prefix, secret, hash). 256 bits of secret; the hash is keyed with SECRET_KEY."""
    prefix = "".join(secrets.choice(_ALPHABET) for _ in range(12))
    secret = secrets.token_urlsafe(32)
    return prefix, secret, _hash(secret)


FoundBy = Callable[[str], tuple[Token | None, bool]]
_NOT_THERE = {
    False: lambda: gettext("This token belongs to a software agent: it opens /mcp, and nothing else."),
    True: lambda: gettext("Only a token of a software agent opens this; its owner issues one on the agent's page."),
}


class TokenRefused(DomainError):
    """This text opens nothing; what it was once is told only to who holds all of it."""

    code, title, status = "token-unknown", "This token is not known here", 401


class TokenExpired(TokenRefused):
    code, title = "token-expired", "This token has expired"


class TokenRevoked(TokenRefused):
    code, title = "token-revoked", "This token was revoked"


class TokenWithheld(TokenRefused):
    code, title = "token-withheld", "Tokens are withheld after a restore"


def are_withheld() -> bool:
    """Whether no token opens anything: restored from a backup, where what was revoked since is alive again."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {HELD}")
        return bool(cursor.fetchone()[0])


def opened(
    text: str, now: datetime, address: str = "", *, of_agents: bool = False, found_by: FoundBy | None = None
) -> Token:
    """The live token of a live owner that this text opens. `address`: where the request came from, kept as its class.

    `of_agents`: at the agents' door, where no other token opens anything; a token of an agent opens nothing elsewhere.
    `found_by`: of a prefix the token with its owner, and whether tokens are withheld, of a door that reads more.
    TokenRefused for a wrong shape, name or secret, all alike; with the whole secret TokenExpired, TokenRevoked, or, in
    a desk that was restored and not yet released, TokenWithheld.
    """
    found = _SHAPE.match(text)
    token, withheld = (found_by or _with_owner)(found[1]) if found else (None, False)
    expected = token.secret_hash if token else _hash("no such token")
    if not constant_time_compare(expected, _hash(found[2] if found else text)) or token is None:
        raise TokenRefused(gettext("This token is not known here: look whether all of it was copied."))
    if token.revoked_at:
        raise TokenRevoked(
            gettext("This token was revoked on %(day)s; issue another one.") % {"day": f"{token.revoked_at:%Y-%m-%d}"}
        )
    if (token.owner.account_type == User.AccountType.AGENT) is not of_agents:
        raise TokenRefused(_NOT_THERE[of_agents]())
    if not token.owner.is_active:
        raise TokenRevoked(gettext("The account of this token is closed."))
    if token.expires_at <= now:
        raise TokenExpired(
            gettext("This token expired on %(day)s; issue another one.") % {"day": f"{token.expires_at:%Y-%m-%d}"}
        )
    if withheld:
        raise TokenWithheld(
            gettext("This desk was restored from a backup; tokens open it once an operator has released it.")
        )
    _note_use(token, now, address)
    return token


def holder(text: str, now: datetime) -> Token | None:
    """As `opened`, with None where it opens nothing."""
    try:
        return opened(text, now)
    except TokenRefused:
        return None


def _with_owner(prefix: str) -> tuple[Token | None, bool]:
    """Asked in every request of a program: token, owner, the owner's teams and named rights, and whether tokens are
    withheld, in one."""
    with connection.cursor() as cursor:
        _token_with_owner().run(cursor, {"prefix": prefix})
        found = cursor.fetchone()
    if found is None:
        return None, False
    middle = rows.width(Token)
    token, owner = rows.read(Token, found[:middle]), rows.read(User, found[middle:-3])
    owner.teams_known, owner.rights_known = frozenset(found[-3]), frozenset(found[-2])
    token.owner = owner
    return token, bool(found[-1])


@cache
def _token_with_owner() -> Prepared:
    return Prepared(
        "token_with_owner",
        f"SELECT {rows.columns(Token)}, {rows.columns(User)},"  # noqa: S608 - no input
        " ARRAY(SELECT team_id FROM accounts_membership WHERE user_id = accounts_user.id),"
        f" {NAMES_OF_ACCOUNT}, {HELD}"
        " FROM accounts_token JOIN accounts_user ON accounts_user.id = accounts_token.owner_id"
        " WHERE accounts_token.prefix = %(prefix)s",
    )


def address_class(address: str) -> str:
    """What is kept of an address: this machine, a private network, or the internet; "" where it is none."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    found = getattr(found, "ipv4_mapped", None) or found
    if found.is_loopback:
        return AddressClass.THIS_MACHINE.value
    return (AddressClass.INTERNET if found.is_global else AddressClass.PRIVATE).value


def _hash(secret: str) -> str:
    return salted_hmac("itsm.accounts.tokens", secret, algorithm="sha256").hexdigest()


def _note_use(token: Token, now: datetime, address: str) -> None:
    """Keep when it was last used, to the minute: not a write for every call."""
    if token.last_used_at is None or now - token.last_used_at > timedelta(minutes=1):
        seen = {"last_used_at": timezone.now(), "last_used_from": address_class(address)}
        Token.objects.filter(pk=token.pk).update(**seen)
