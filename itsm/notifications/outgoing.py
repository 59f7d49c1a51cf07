"""The one way out: HTTP, or a bare connection, to an address that was checked before it is made.

A name is resolved once, every address it has is judged (`addresses`), and the connection goes to a
judged address (so a second answer from a rebinding resolver changes nothing). No redirects, no
proxies, bounded in size, and in time from the look-up of the name to the last packet, however it drips. Credentials
are sent over https, or to what an administrator listed; no exception repeats them.
"""

import http.client
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from django.utils.translation import gettext as _

from itsm.kernel import strangers
from itsm.notifications.addresses import OurFault as OurFault
from itsm.notifications.addresses import OutgoingFailed as OutgoingFailed
from itsm.notifications.addresses import OutgoingRefused as OutgoingRefused
from itsm.notifications.addresses import TooLarge as TooLarge
from itsm.notifications.addresses import TooSlow as TooSlow
from itsm.notifications.addresses import Unreachable as Unreachable
from itsm.notifications.addresses import is_listed, permitted_addresses
from itsm.notifications.addresses import permitted_address as permitted_address
from itsm.notifications.credentials import NOBODY, Credentials
from itsm.notifications.hosts import ascii_host
from itsm.notifications.lines import TimedLine, connected, seconds_left
from itsm.notifications.sent_headers import permitted_headers
from itsm.notifications.targets import Target, target_of

# OpenSSL's codes for a chain that ends at an authority we do not trust; whether we should is ours to say.
_UNKNOWN_AUTHORITY = {18, 19, 20, 21}

MAX_BYTES = 16_000_000
MAX_WORDS = 200  # characters of what a server says


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: names of headers in small letters, `seconds` from the look-up of the name to the last byte."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float
    is_cut: bool = False


def retry_after(answer: Answer, now: datetime) -> float:
    """The seconds that a server wants us to wait; 0 where it says nothing that can be read, or an instant that is over.

    Raises nothing.
    """
    said = answer.headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return float(said[:9])
    try:
        at = parsedate_to_datetime(said)
    except (ValueError, TypeError):
        return 0.0
    return max(0.0, (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now.timestamp())


def get_json(
    url: str,
    params: Mapping[str, str] | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    credentials: Credentials = NOBODY,
    timeout: float = 10.0,
) -> Any:
    """GET a JSON document. Raises OutgoingRefused or OutgoingFailed; decimals come back as text-exact strings."""
    answer = fetch("GET", url, params=params, headers=headers, credentials=credentials, timeout=timeout)
    if answer.status != 200:
        raise OutgoingFailed(
            _("The server answered %(status)d: %(excerpt)s")
            % {"status": answer.status, "excerpt": excerpt(answer.body, credentials)}
        )
    return json_of(answer.body)


def json_of(body: bytes) -> Any:
    """The document that a server answered, as a database takes it. Raises OutgoingFailed."""
    try:
        return strangers.read(body)
    except (ValueError, RecursionError) as error:
        raise OutgoingFailed(_("The server's answer is not JSON.")) from error


def excerpt(body: bytes, credentials: Credentials = NOBODY) -> str:
    """The beginning of what a server said, on one line and without our own secret in it."""
    return cleaned(body[:100_000].decode("utf-8", "replace"), credentials)


def cleaned(said: str, credentials: Credentials = NOBODY) -> str:
    """The first characters of what a server said, fit to be shown: one line, no control characters, no secret."""
    whole = credentials.without_secrets(said[:100_000])
    shown = "".join(character if character.isprintable() else " " for character in whole)
    return " ".join(shown.split())[:MAX_WORDS]


def request(
    method: str,
    url: str,
    *,
    params: Mapping[str, str] | None = None,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    credentials: Credentials = NOBODY,
    timeout: float = 10.0,
) -> tuple[int, bytes]:
    """One exchange with a checked address. Returns the status and at most MAX_BYTES of body."""
    answer = fetch(method, url, params=params, body=body, headers=headers, credentials=credentials, timeout=timeout)
    return answer.status, answer.body


def fetch(
    method: str,
    url: str,
    *,
    params: Mapping[str, str] | None = None,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    credentials: Credentials = NOBODY,
    timeout: float = 10.0,
    cut_at: int | None = None,
    only_named: bool = False,
) -> Answer:
    """One exchange, over within `timeout` seconds. A body above MAX_BYTES fails; above `cut_at` it is only cut.

    `only_named`: of private addresses those that are listed by host and port; a network that is listed opens none.
    """
    began = time.monotonic()
    target, sent = target_of(url, params), permitted_headers(headers)
    addresses = permitted_addresses(target.host, target.port, only_named=only_named, within=timeout)
    _check_privacy(target, addresses, credentials)
    sent |= {"Host": target.host_header} | credentials.authorization
    try:
        with ExitStack() as stack:
            line = _line(target, addresses, credentials, began + timeout, stack)
            exchange = http.client.HTTPConnection(target.host, target.port)
            exchange.sock = line.as_socket()
            exchange.request(method, target.path, body, sent)
            answer = exchange.getresponse()
            stack.callback(answer.close)
            content, is_cut = _body(answer, target.name, cut_at)
    except TimeoutError:
        raise TooSlow(_("%(name)s takes too long to answer.") % {"name": target.name}) from None
    except ssl.SSLCertVerificationError as error:
        if error.verify_code in _UNKNOWN_AUTHORITY:
            raise OurFault(
                _(
                    "The certificate of %(name)s comes from an authority that is not known here (%(why)s): name its "
                    "file, or add it to HEADROOM_CA_BUNDLE."
                )
                % {"name": target.name, "why": error.verify_message}
            ) from error
        raise OutgoingFailed(
            _("The certificate of %(name)s is not trusted: %(why)s.")
            % {"name": target.name, "why": error.verify_message}
        ) from error
    except (http.client.HTTPException, OSError, ValueError) as error:
        why = getattr(error, "reason", None) if isinstance(error, ssl.SSLError) else None
        raise OutgoingFailed(
            _("No answer from %(name)s (%(why)s).") % {"name": target.name, "why": why or type(error).__name__}
        ) from error
    received = {name.lower(): value for name, value in answer.headers.items()}
    return Answer(answer.status, received, content, time.monotonic() - began, is_cut)


def connect_tcp(host: str, port: int, timeout: float = 10.0) -> float:
    """Connect to a checked address and hang up. Returns the seconds it took, the name's look-up included."""
    began = time.monotonic()
    if not 0 < port < 65_536:
        raise OutgoingRefused(_("A port is a number from 1 to 65535."))
    try:
        name = ascii_host(host.removeprefix("[").removesuffix("]"))
    except ValueError as error:
        raise OutgoingRefused(_("The address names no host.")) from error
    connected(permitted_addresses(name, port, within=timeout), name, port, began + timeout).close()
    return time.monotonic() - began


def _line(
    target: Target, addresses: list[str], credentials: Credentials, deadline: float, stack: ExitStack
) -> TimedLine:
    context = credentials.tls() if target.scheme == "https" else None
    channel: socket.socket = connected(addresses, target.host, target.port, deadline)
    stack.callback(channel.close)
    if context:
        channel.settimeout(seconds_left(deadline))
        channel = stack.enter_context(context.wrap_socket(channel, server_hostname=target.host))
    return TimedLine(channel, deadline)


def _check_privacy(target: Target, addresses: list[str], credentials: Credentials) -> None:
    if target.scheme == "https":
        return
    if credentials.auth == "mtls":
        raise OutgoingRefused(_("A client certificate needs an https address."))
    if credentials.must_stay_private and not all(is_listed(one, target.host, target.port) for one in addresses):
        raise OutgoingRefused(
            _(
                "%(name)s would get the credential in the clear; use https, "
                "or an administrator may allow it under Settings, or in "
                "HEADROOM_OUTGOING_ALLOW."
            )
            % {"name": target.name}
        )


def _body(answer: http.client.HTTPResponse, name: str, cut_at: int | None) -> tuple[bytes, bool]:
    """The body as it was sent (no bomb is unpacked), and whether it was longer than what was kept."""
    content, most = bytearray(), MAX_BYTES if cut_at is None else cut_at
    while piece := answer.read1(65_536):
        content += piece
        if len(content) > most and cut_at is not None:
            return bytes(content[:most]), True
        if len(content) > most:
            raise TooLarge(_("The answer of %(name)s is larger than %(most)d bytes.") % {"name": name, "most": most})
    if answer.length:
        raise OutgoingFailed(_("The answer of %(name)s broke off.") % {"name": name})
    return bytes(content), False
