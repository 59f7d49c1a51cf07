"""The talk with a directory server: to an address that was judged, over TLS, and over within its time.

What it says is taken for data: no referral is followed, no answer is longer than a limit, and what was not read to its
end is a failure, never "nobody".
"""

import ipaddress
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import ldap3
from django.utils.translation import gettext as _
from ldap3.core.exceptions import LDAPException
from pyasn1.error import PyAsn1Error

from itsm.directory.configured import CLEAR, LDAPS, STARTTLS, Directory
from itsm.kernel.texts import printable_line
from itsm.notifications.addresses import OutgoingFailed, OutgoingRefused, permitted_addresses
from itsm.notifications.credentials import NOBODY, credentials_of, require_host
from itsm.notifications.hosts import ascii_host
from itsm.notifications.lines import MAX_ADDRESSES, seconds_left

PAGE = 500
MOST_ENTRIES = 200_000
MOST_BYTES = 512_000_000  # of one talk
_CONNECT_SECONDS = 5
_SUCCESS, _INVALID_CREDENTIALS = 0, 49
_MAX_SAID = 200
_READER = "reader"  # a name that goes nowhere: the DN stands in the configuration, which holds colons too


class DirectoryFailed(Exception):
    """It was not asked, or not to the end. The sentence says where it stopped, never a password."""


class BindRefused(DirectoryFailed):
    """The server does not take this name with this password."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its DN and, by attribute in small letters, the values as they came."""

    dn: str
    values: Mapping[str, Sequence[bytes]]

    def first(self, attribute: str) -> str:
        """Its first value as text; "" where there is none."""
        found = self.values.get(attribute.lower()) or [b""]
        return found[0].decode("utf-8", "replace").replace("\0", "").strip()


class _Timed:
    """A socket whose every send and receive has only the time that is left, and that gives so many bytes at most."""

    def __init__(self, channel: Any, deadline: float) -> None:
        self._channel, self._deadline, self._received = channel, deadline, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._channel, name)

    def sendall(self, data: bytes) -> None:
        self._channel.settimeout(seconds_left(self._deadline))
        self._channel.sendall(data)

    def recv(self, size: int) -> bytes:
        self._channel.settimeout(seconds_left(self._deadline))
        data: bytes = self._channel.recv(size)
        self._received += len(data)
        if self._received > MOST_BYTES:
            raise OSError("more than is read")
        return data


class _Tls(ldap3.Tls):  # type: ignore[misc]  # it has no types
    """Our own context, names checked by OpenSSL; ldap3 would check the address that it connects to."""

    def __init__(self, context: ssl.SSLContext, name: str, deadline: float) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self._context, self._name, self._deadline = context, name, deadline

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
        channel: socket.socket = getattr(connection.socket, "_channel", connection.socket)
        channel.settimeout(seconds_left(self._deadline))
        connection.socket = self._context.wrap_socket(channel, server_hostname=self._name)


class Talk:
    """Signed in to a directory, to read."""

    def __init__(self, connection: Any, name: str) -> None:
        self._connection, self._name = connection, name

    def search(self, base: str, wanted: str, attributes: Sequence[str]) -> Iterator[Entry]:
        """The entries below `base` that match the filter, read in pages to their end.

        Raises DirectoryFailed where any part of them was not given: half an answer is none.
        """
        cookie: bytes | None = None
        count = 0
        while True:
            with _spoken(self._name):
                self._connection.search(
                    base, wanted, ldap3.SUBTREE, attributes=list(attributes), paged_size=PAGE, paged_cookie=cookie
                )
                result, found = self._connection.result, self._connection.response or []
            self._require_whole(result, base)
            for one in found:
                if one.get("type") == "searchResEntry":  # else a reference to another server, which nobody follows
                    count += 1
                    yield _entry(one)
            if count > MOST_ENTRIES:
                raise DirectoryFailed(_("It gives more than %(most)s entries.") % {"most": MOST_ENTRIES})
            paged = (result.get("controls") or {}).get("1.2.840.113556.1.4.319") or {}
            cookie = (paged.get("value") or {}).get("cookie")
            if not cookie:
                return

    def one(self, dn: str, attributes: Sequence[str]) -> Entry | None:
        """The entry of this DN; None where there is none (any more). Raises DirectoryFailed."""
        with _spoken(self._name):
            self._connection.search(dn, "(objectClass=*)", ldap3.BASE, attributes=list(attributes))
            result, found = self._connection.result, self._connection.response or []
        if result["result"] == 32:  # noSuchObject
            return None
        self._require_whole(result, dn)
        return next((_entry(one) for one in found if one.get("type") == "searchResEntry"), None)

    def capabilities(self) -> frozenset[str]:
        """What the server says of itself (rootDSE, supportedCapabilities): Active Directory names its own here."""
        with suppress(DirectoryFailed):
            if (root := self.one("", ["supportedCapabilities"])) is not None:
                said = root.values.get("supportedcapabilities", ())
                return frozenset(one.decode("ascii", "replace") for one in said)
        return frozenset()

    def _require_whole(self, result: Mapping[str, Any], base: str) -> None:
        if result["result"] == _SUCCESS:
            return
        said = {"name": self._name, "base": base[:200], "said": _shown(_told(result))}
        if result["result"] == 32:
            raise DirectoryFailed(_("%(name)s has nothing at “%(base)s”.") % said)
        raise DirectoryFailed(_("%(name)s did not answer in full: %(said)s") % said)


@contextmanager
def reading(directory: Directory, *, deadline: float) -> Iterator[Talk]:
    """Signed in as its reader (`bind_dn` and the secret of its name; without: as nobody). Hangs up at the end.

    `deadline` is an instant of the monotonic clock. Raises DirectoryFailed; BindRefused where the reader is not taken.
    """
    credentials = NOBODY
    if directory.bind_dn:
        with _spoken(directory.host):
            require_host(directory.credential, directory.host, directory.port)
            credentials = credentials_of("basic", directory.credential, _READER, directory.authority)
    with _bound(directory, directory.bind_dn, credentials.secret, deadline) as connection:
        yield Talk(connection, directory.host)


def bind(directory: Directory, dn: str, password: str, *, deadline: float) -> None:
    """Whether this is the password of this entry: BindRefused where not, DirectoryFailed where that was not answered.

    An empty password is refused here: to a server it is no attempt at all (RFC 4513, 5.1.2), and it would say yes.
    """
    if not dn or not password:
        raise BindRefused(_("A password is needed."))
    with _bound(directory, dn, password, deadline):
        return


@contextmanager
def _bound(directory: Directory, dn: str, password: str, deadline: float) -> Iterator[Any]:
    connection = None
    try:
        with _spoken(directory.host):
            connection = _connected(directory, dn, password, deadline)
            if dn or password:
                _bind(connection, directory.host)
        yield connection
    finally:
        if connection is not None:
            with suppress(Exception):  # it is over either way
                connection.unbind()
            with suppress(Exception):
                connection.socket.close()


def _connected(directory: Directory, dn: str, password: str, deadline: float) -> Any:
    name = ascii_host(directory.host)
    addresses = permitted_addresses(name, directory.port)
    if directory.tls == CLEAR and not all(_is_this_machine(one) for one in addresses):
        raise DirectoryFailed(_("Without TLS a directory is asked on this machine alone."))
    tls = None if directory.tls == CLEAR else _Tls(_context(directory), name, deadline)
    failure: Exception | None = None
    for address in addresses[:MAX_ADDRESSES]:
        server = ldap3.Server(
            address, directory.port, use_ssl=directory.tls == LDAPS, tls=tls, get_info=ldap3.NONE,
            connect_timeout=min(_CONNECT_SECONDS, seconds_left(deadline)),
        )  # fmt: skip
        connection = ldap3.Connection(
            server, dn or None, password or None, client_strategy=ldap3.SYNC, auto_referrals=False, read_only=True,
            check_names=False, return_empty_attributes=False, raise_exceptions=False,
            authentication=ldap3.SIMPLE if dn else ldap3.ANONYMOUS, receive_timeout=int(_CONNECT_SECONDS),
        )  # fmt: skip
        try:
            connection.open(read_server_info=False)
            connection.socket = _Timed(connection.socket, deadline)
            if directory.tls == STARTTLS:
                connection.start_tls(read_server_info=False)
                connection.socket = _Timed(connection.socket, deadline)
        except (LDAPException, OSError) as error:
            with suppress(Exception):
                connection.socket.close()
            failure = error
        else:
            return connection
    raise failure or OSError("no address")


def _context(directory: Directory) -> ssl.SSLContext:
    return credentials_of("none", authority_name=directory.authority).tls()


def _bind(connection: Any, name: str) -> None:
    connection.bind(read_server_info=False)
    result = connection.result
    if result["result"] == _INVALID_CREDENTIALS:
        raise BindRefused(_("%(name)s does not take this name with this password.") % {"name": name})
    if result["result"] != _SUCCESS:
        raise DirectoryFailed(
            _("%(name)s does not let us sign in: %(said)s") % {"name": name, "said": _shown(_told(result))}
        )


def _is_this_machine(address: str) -> bool:
    return ipaddress.ip_address(address.split("%")[0]).is_loopback


def _entry(one: Mapping[str, Any]) -> Entry:
    values = {str(name).lower(): list(said) for name, said in one["raw_attributes"].items()}
    return Entry(str(one["dn"]), values)


def _told(result: Mapping[str, Any]) -> str:
    return f"{result.get('description') or result.get('result')} {result.get('message') or ''}"


def _shown(said: str) -> str:
    """What a server says, fit to be shown."""
    return printable_line(said)[:_MAX_SAID]


@contextmanager
def _spoken(name: str) -> Iterator[None]:
    """What can go wrong in a talk, as a sentence."""
    try:
        yield
    except DirectoryFailed:
        raise
    except (OutgoingFailed, OutgoingRefused) as error:
        raise DirectoryFailed(str(error)) from error
    except TimeoutError:
        raise DirectoryFailed(_("%(name)s takes too long to answer.") % {"name": name}) from None
    except (LDAPException, PyAsn1Error, OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        # A library that is fed nonsense fails in many ways; the password is in none of what it says.
        said = {"name": name, "said": _shown(str(error)) or type(error).__name__}
        raise DirectoryFailed(_("%(name)s cannot be asked: %(said)s") % said) from error
