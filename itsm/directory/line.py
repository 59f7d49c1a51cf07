"""A connection to a directory: at a judged address, over TLS with names checked, with a deadline."""

import ipaddress
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import ldap3
from django.utils.translation import gettext as _
from ldap3.core.exceptions import LDAPException
from pyasn1.error import PyAsn1Error

from itsm.directory.configured import CLEAR, LDAPS, STARTTLS, Directory
from itsm.kernel.texts import printable_line
from itsm.notifications.addresses import OutgoingFailed, OutgoingRefused, permitted_addresses
from itsm.notifications.credentials import credentials_of
from itsm.notifications.hosts import ascii_host
from itsm.notifications.lines import MAX_ADDRESSES, seconds_left

MOST_BYTES = 512_000_000  # of one talk
_CONNECT_SECONDS = 5
SUCCESS, _INVALID_CREDENTIALS = 0, 49
_MAX_SAID = 200


class DirectoryFailed(Exception):
    """It was not asked, or not to the end. The sentence says where it stopped, never a password."""


class BindRefused(DirectoryFailed):
    """The server does not take this name with this password."""


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


def connected(directory: Directory, dn: str, password: str, deadline: float) -> Any:
    """The open connection over TLS, not bound yet. Raises DirectoryFailed, OutgoingRefused, OSError, of ldap3."""
    name = ascii_host(directory.host)
    addresses = permitted_addresses(name, directory.port, within=seconds_left(deadline))
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


def bind_as(connection: Any, name: str) -> None:
    """By the name and password that it was made with. Raises BindRefused, DirectoryFailed."""
    connection.bind(read_server_info=False)
    result = connection.result
    if result["result"] == _INVALID_CREDENTIALS:
        raise BindRefused(_("%(name)s does not take this name with this password.") % {"name": name})
    if result["result"] != SUCCESS:
        raise DirectoryFailed(
            _("%(name)s does not let us sign in: %(said)s") % {"name": name, "said": shown(told(result))}
        )


def _is_this_machine(address: str) -> bool:
    return ipaddress.ip_address(address.split("%")[0]).is_loopback


def told(result: Mapping[str, Any]) -> str:
    """What a server says of an operation, in its own words."""
    return f"{result.get('description') or result.get('result')} {result.get('message') or ''}"


def shown(said: str) -> str:
    """What a server says, fit to be shown."""
    return printable_line(said)[:_MAX_SAID]


@contextmanager
def spoken(name: str) -> Iterator[None]:
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
        said = {"name": name, "said": shown(str(error)) or type(error).__name__}
        raise DirectoryFailed(_("%(name)s cannot be asked: %(said)s") % said) from error
