"""Access tokens for mailboxes that sign in by OAuth 2 (RFC 6749), as Microsoft 365 and Google want it.

The credential `x` of a mailbox is the client's secret (it may be missing where the client is public); `x.refresh`
beside it in HEADROOM_SECRETS_DIR is the refresh token. With it the token address is asked by refresh token, without it
by client credentials. A new refresh token that the issuer sends along takes the old one's place in that file at once.
Access tokens live in memory alone.
"""

import logging
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.db import OperationalError
from django.utils.translation import gettext

from itsm.locks import AdvisoryLock, SessionLock
from itsm.mail.models import Mailbox
from itsm.notifications import outgoing
from itsm.notifications.addresses import OutgoingRefused
from itsm.notifications.credentials import NOBODY, CredentialMissing, Credentials, credentials_of

logger = logging.getLogger(__name__)

RENEW_AT = 0.8  # of its life
_SHORTEST = 60.0  # seconds, where the issuer says nothing or something odd
_LONGEST = 86_400.0


class TokenRefused(Exception):
    """The issuer gives no access token. `is_over`: what we sign in with has ended (invalid_grant): only people help."""

    def __init__(self, sentence: str, *, is_over: bool = False) -> None:
        super().__init__(sentence)
        self.is_over = is_over


@dataclass(frozen=True, slots=True, repr=False)
class _Access:
    token: str
    renew_at: float  # of the monotonic clock
    version: int


_known: dict[int, _Access] = {}
# By the refresh token in the file, the newer one that could not be written there.
_unkept: dict[str, str] = {}


def access_token(mailbox: Mailbox, at: datetime, *, anew: bool = False) -> str:
    """An access token that holds now: the one in memory until four fifths of its life are over, else a new one.

    Raises TokenRefused, CredentialMissing and what going out raises.
    """
    known = _known.get(mailbox.pk)
    if not anew and known is not None and known.version == mailbox.version and time.monotonic() < known.renew_at:
        return known.token
    with _alone(mailbox):
        token, life = _asked(mailbox, at)
    _known[mailbox.pk] = _Access(token, time.monotonic() + life * RENEW_AT, mailbox.version)
    return token


def keep_sign_in(mailbox: Mailbox, *, code: str, verifier: str, redirect_uri: str, at: datetime) -> None:
    """Give an authorization code (RFC 6749, 4.1; PKCE: RFC 7636) for a refresh token, and put that where the others
    are. Raises TokenRefused, CredentialMissing (no folder for secrets) and what going out raises."""
    require_folder()
    try:
        secret = credentials_of("bearer", mailbox.credential, authority_name=mailbox.authority)
    except CredentialMissing:  # a public client has none
        secret = credentials_of("none", authority_name=mailbox.authority)
    form = {
        "grant_type": "authorization_code", "client_id": mailbox.client_id, "code": code, "redirect_uri": redirect_uri,
        "code_verifier": verifier,
    } | ({"client_secret": secret.secret} if secret.secret else {})  # fmt: skip
    with _alone(mailbox):
        said = _post(mailbox, form, secret, code)
        token = said.get("refresh_token")
        if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
            raise TokenRefused(gettext("It gave no refresh token: the scope must ask for offline access."))
        try:
            _write(Path(settings.SECRETS_DIR) / f"{mailbox.credential}.refresh", token)
        except OSError as error:
            raise TokenRefused(gettext("Its refresh token could not be written to HEADROOM_SECRETS_DIR.")) from error
        _note_use(mailbox, said.get("refresh_token_expires_in"), at)
    _known.pop(mailbox.pk, None)


def require_folder() -> None:
    """Raise CredentialMissing where no refresh token could be kept."""
    if not settings.SECRETS_DIR or not os.access(settings.SECRETS_DIR, os.W_OK):
        raise CredentialMissing(
            gettext("Make HEADROOM_SECRETS_DIR writable for the web server: the token is kept there.")
        )


def forget() -> None:
    """Nothing is known any more: as after a start."""
    _known.clear()
    _unkept.clear()


def is_unkept(mailbox: Mailbox) -> bool:
    """Whether its newest refresh token lives in memory alone, because its file cannot be written."""
    return _in_file(mailbox) in _unkept


def has_refresh_token(mailbox: Mailbox) -> bool:
    """Whether it signs in by a refresh token, which must be used now and then."""
    return _refresh_file(mailbox) is not None


def _asked(mailbox: Mailbox, at: datetime) -> tuple[str, float]:
    """(the token, seconds of its life)"""
    secret, refresh = _secret_of(mailbox), _refresh_token(mailbox)
    form = {"client_id": mailbox.client_id, "scope": mailbox.scope} | (
        {"grant_type": "refresh_token", "refresh_token": refresh} if refresh else {"grant_type": "client_credentials"}
    )
    if secret.secret:
        form["client_secret"] = secret.secret
    said = _post(mailbox, {name: value for name, value in form.items() if value}, secret, refresh)
    token = said.get("access_token")
    if not isinstance(token, str) or not token or not token.isascii() or len(token) > 20_000:
        raise TokenRefused(gettext("The token address answered without an access token."))
    if refresh:
        _keep_new(mailbox, said.get("refresh_token"))
        _note_use(mailbox, said.get("refresh_token_expires_in"), at)
    return token, min(max(_seconds(said.get("expires_in")), _SHORTEST), _LONGEST)


def _post(mailbox: Mailbox, form: dict[str, str], secret: Credentials, refresh: str) -> dict[str, object]:
    if not mailbox.token_url.startswith("https://"):
        raise OutgoingRefused(gettext("The token address must be https: secrets are sent there."))
    trusted = Credentials(name=mailbox.credential, authority=secret.authority)  # its authority, and no header
    status, body = outgoing.request(
        "POST", mailbox.token_url, body=urlencode(form).encode("ascii"), credentials=trusted,
        headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
    )  # fmt: skip
    hidden = Credentials("bearer", secret=refresh) if refresh else NOBODY
    said = outgoing.json_of(body) if status in {200, 400, 401} else {}
    if status == 200 and isinstance(said, dict):
        return said
    error = str(said.get("error", ""))[:60] if isinstance(said, dict) else ""
    more = secret.without_secrets(outgoing.excerpt(body, hidden))
    raise TokenRefused(
        gettext("The token address refuses (%(status)d %(error)s): %(said)s")
        % {"status": status, "error": error, "said": more},
        is_over=error in {"invalid_grant", "invalid_client", "unauthorized_client"},
    )


def _secret_of(mailbox: Mailbox) -> Credentials:
    """The client's secret and its authority; a public client that has a refresh token has no secret."""
    try:
        return credentials_of("bearer", mailbox.credential, authority_name=mailbox.authority)
    except CredentialMissing:
        if _refresh_file(mailbox) is None:
            raise
        return credentials_of("none", authority_name=mailbox.authority)


def _refresh_file(mailbox: Mailbox) -> Path | None:
    if not settings.SECRETS_DIR:
        return None
    path = Path(settings.SECRETS_DIR) / f"{mailbox.credential}.refresh"
    return path if path.is_file() else None


def _refresh_token(mailbox: Mailbox) -> str:
    written = _in_file(mailbox)
    return _unkept.get(written, written)


def _in_file(mailbox: Mailbox) -> str:
    path = _refresh_file(mailbox)
    try:
        return path.read_text(encoding="ascii").strip() if path is not None else ""
    except (OSError, ValueError):
        raise CredentialMissing(
            gettext("The file of the credential “%(name)s” cannot be read.") % {"name": f"{mailbox.credential}.refresh"}
        ) from None


def _keep_new(mailbox: Mailbox, said: object) -> None:
    """The old one may not hold any more: the new one is on the disk before anything else happens; else in memory."""
    path, old = _refresh_file(mailbox), _in_file(mailbox)
    if not isinstance(said, str) or said in {"", old} or not said.isascii() or path is None:
        return
    try:
        _write(path, said)
    except OSError as error:
        logger.error("mailbox %s: its new refresh token could not be kept (%s)", mailbox.slug, type(error).__name__)
        _unkept[old] = said


def _write(path: Path, token: str) -> None:
    """Through to the disk, in the old one's place and as readable as that; else for ourselves alone. Raises OSError."""
    number, written = tempfile.mkstemp(dir=path.parent, prefix=".refresh-")
    with os.fdopen(number, "w", encoding="ascii") as file:
        file.write(token)
        file.flush()
        os.fsync(file.fileno())
    os.chmod(written, path.stat().st_mode & 0o777 if path.is_file() else 0o600)
    Path(written).replace(path)


def _note_use(mailbox: Mailbox, said: object, at: datetime) -> None:
    seconds = _seconds(said)
    ends = {"token_expires_at": at + timedelta(seconds=seconds)} if seconds else {}
    Mailbox.objects.filter(pk=mailbox.pk).update(token_used_at=at, **ends)


def _seconds(said: object) -> float:
    try:
        found = float(str(said))
    except ValueError:
        return 0.0
    return found if 0 < found < 10**9 else 0.0


@contextmanager
def _alone(mailbox: Mailbox) -> Iterator[None]:
    """Nobody else uses the same refresh token meanwhile: some issuers take a second use for theft."""
    lock = SessionLock(AdvisoryLock.MAILBOX_TOKEN, mailbox.pk)
    try:
        lock.take(waits=True)
    except OperationalError as error:  # waited for longer than anybody should
        raise TokenRefused(gettext("Somebody else asks for a token just now; try again in a minute.")) from error
    try:
        yield
    finally:
        lock.give_back()
