"""The talk with an IMAP server: over an address that was judged, over TLS, and over within its time.

What it says is taken for data: no answer is longer than a mail may be, and nothing of it steers where we connect.
"""

import imaplib
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from typing import Any, NamedTuple, cast

from django.utils.translation import gettext
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from itsm.notifications.addresses import OutgoingFailed, permitted_addresses
from itsm.notifications.credentials import Credentials
from itsm.notifications.hosts import ascii_host
from itsm.notifications.lines import TimedLine, connected, seconds_left

MAX_MAIL = 25_000_000
_HEADERS = 262_144  # bytes of headers that are asked for of a mail above the limit
_MOST_WORDS = 200


class MailboxFailed(Exception):
    """It was not read. The sentence says where it stopped, never the secret."""


class SignInRefused(MailboxFailed):
    """The server did not take the sign-in."""


class Folder(NamedTuple):
    """What a folder says of itself as it is opened."""

    uidvalidity: int
    mails: int
    next_uid: int


class Lying(NamedTuple):
    """A mail as it lies there, before it is read."""

    uid: int
    size: int
    arrived: datetime


Upgrade = Callable[[], TimedLine]


class _OverALine(imaplib.IMAP4):
    """imaplib over a connection that somebody else has opened; each read has the time that is left, and an end."""

    def __init__(self, line: TimedLine, host: str, upgrade: Upgrade) -> None:
        self._line, self._received, self._upgrade = line, line.makefile("rb"), upgrade
        super().__init__(host)

    def starttls(self, ssl_context: ssl.SSLContext | None = None) -> Any:
        """Over TLS from here on. What the other side had sent before is forgotten: nobody vouches for it."""
        said, more = self._simple_command("STARTTLS")
        if said != "OK":
            raise self.error("it does not begin TLS")
        self._line = self._upgrade()
        self._received = self._line.makefile("rb")
        self.sock, self.file = cast("Any", self._line), cast("Any", self._received)
        self._get_capabilities()
        return said, more

    def open(self, host: str = "", port: int = 993, timeout: float | None = None) -> None:
        self.host, self.port = host, port
        self.sock = cast("Any", self._line)
        self.file = cast("Any", self._received)

    def read(self, size: int) -> bytes:
        if size > MAX_MAIL + _HEADERS:
            raise self.abort("larger than it said")
        return self._received.read(size)

    def readline(self) -> bytes:
        line = self._received.readline(imaplib._MAXLINE + 1)  # type: ignore[attr-defined]
        if len(line) > imaplib._MAXLINE:  # type: ignore[attr-defined]
            raise self.error("a line without an end")
        return line

    def send(self, data: Any) -> None:
        self._line.sendall(bytes(data))

    def shutdown(self) -> None:
        """Whoever opened the connection closes it."""


class _Client(IMAPClient):  # type: ignore[misc]  # it has no types
    """imapclient over such a connection."""

    def __init__(self, line: TimedLine, host: str, upgrade: Upgrade) -> None:
        self._line, self._upgrade = line, upgrade
        super().__init__(host, ssl=False, use_uid=True)
        self.normalise_times = False

    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802 -- imapclient's name
        return _OverALine(self._line, self.host, self._upgrade)

    def _set_read_timeout(self) -> None:
        """The line has its own."""


class Session:
    """Signed in to a mailbox. Nothing is marked as read there, and nothing deleted."""

    def __init__(self, client: IMAPClient, name: str) -> None:
        self._client, self._name = client, name

    def open_folder(self, folder: str) -> Folder:
        """Look into it, read-only."""
        with _spoken(self._name):
            said = self._client.select_folder(folder, readonly=True)
            return Folder(int(said[b"UIDVALIDITY"]), int(said[b"EXISTS"]), int(said.get(b"UIDNEXT", 1)))

    def after(self, uid: int) -> list[int]:
        """The UIDs above this one, in order."""
        with _spoken(self._name):
            found = self._client.search(["UID", f"{uid + 1}:*"])  # at least the newest, which may be an older one
        return sorted(int(one) for one in found if int(one) > uid)

    def since(self, day: date) -> list[int]:
        """The UIDs of what arrived on this day or later, in order."""
        with _spoken(self._name):
            return sorted(int(one) for one in self._client.search(["SINCE", day]))

    def look(self, uids: Sequence[int]) -> list[Lying]:
        """Those of them that are still there, in order."""
        with _spoken(self._name):
            said = self._client.fetch(list(uids), ["RFC822.SIZE", "INTERNALDATE"]) if uids else {}
        return [
            Lying(int(uid), int(one[b"RFC822.SIZE"]), _with_zone(one[b"INTERNALDATE"]))
            for uid, one in sorted(said.items())
            if b"RFC822.SIZE" in one and b"INTERNALDATE" in one
        ]

    def whole(self, uid: int) -> bytes | None:
        """The mail; None where somebody took it away meanwhile."""
        return self._part(uid, "BODY.PEEK[]", b"BODY[]")

    def headers(self, uid: int) -> bytes | None:
        """Its headers alone."""
        return self._part(uid, f"BODY.PEEK[HEADER]<0.{_HEADERS}>", b"BODY[HEADER]<0>")

    def _part(self, uid: int, asked: str, named: bytes) -> bytes | None:
        with _spoken(self._name):
            said = self._client.fetch([uid], [asked]).get(uid, {})
        found = said.get(named)
        return None if found is None else bytes(found)


@contextmanager
def signed_in(
    host: str,
    port: int,
    username: str,
    credentials: Credentials,
    *,
    token: str = "",
    starttls: bool = False,
    deadline: float,
) -> Iterator[Session]:
    """Connect, greet, sign in; hang up at the end. `token`: an access token (XOAUTH2) instead of a password.

    `starttls`: TLS begins after the greeting, and nothing is signed in to where it does not. `deadline` is an instant
    of the monotonic clock. Raises MailboxFailed, SignInRefused, and what judging the address raises (OutgoingRefused,
    OutgoingFailed).
    """
    name = ascii_host(host)
    context = credentials.tls()
    with _spoken(name):
        addresses = permitted_addresses(name, port, within=seconds_left(deadline))
    channel: socket.socket = connected(addresses, name, port, deadline)

    def upgrade() -> TimedLine:
        nonlocal channel
        channel.settimeout(seconds_left(deadline))
        channel = context.wrap_socket(channel, server_hostname=name)
        return TimedLine(channel, deadline)

    try:
        with _spoken(name):
            client = _Client(TimedLine(channel, deadline) if starttls else upgrade(), name, upgrade)
            if starttls:
                client.starttls(context)
            _sign_in(client, username, credentials, token)
        yield Session(client, name)
        with suppress(Exception):  # it is over either way
            client.logout()
    finally:
        channel.close()


def _sign_in(client: IMAPClient, username: str, credentials: Credentials, token: str) -> None:
    try:
        if token:
            client.oauth2_login(username, token)
        else:
            client.login(username, credentials.secret)
    except LoginError as error:
        said = Credentials("bearer", secret=token).without_secrets(credentials.without_secrets(str(error)))
        raise SignInRefused(
            gettext("The server does not take the sign-in of %(username)s: %(said)s")
            % {"username": username, "said": _shown(said)}
        ) from None


@contextmanager
def _spoken(name: str) -> Iterator[None]:
    """What can go wrong in a talk, as a sentence."""
    try:
        yield
    except (MailboxFailed, OutgoingFailed):
        raise
    except TimeoutError:
        raise MailboxFailed(gettext("%(name)s takes too long to answer.") % {"name": name}) from None
    except ssl.SSLCertVerificationError as error:
        raise MailboxFailed(
            gettext("The certificate of %(name)s is not trusted: %(why)s.")
            % {"name": name, "why": error.verify_message}
        ) from error
    except (ssl.SSLError, EOFError) as error:
        raise MailboxFailed(
            gettext("%(name)s does not speak IMAP over TLS there (%(why)s).")
            % {"name": name, "why": getattr(error, "reason", None) or type(error).__name__}
        ) from error
    except (IMAPClientError, OSError, ValueError, KeyError, TypeError) as error:
        raise MailboxFailed(
            gettext("%(name)s answered: %(said)s") % {"name": name, "said": _shown(str(error) or type(error).__name__)}
        ) from error


def _shown(said: str) -> str:
    """What a server says, fit to be shown: one line, no control characters."""
    plain = "".join(one if one.isprintable() else " " for one in said)
    return " ".join(plain.split())[:_MOST_WORDS]


def _with_zone(arrived: datetime) -> datetime:
    return arrived if arrived.tzinfo is not None else arrived.replace(tzinfo=UTC)


def time_from_now(seconds: float) -> float:
    """A deadline."""
    return time.monotonic() + seconds
