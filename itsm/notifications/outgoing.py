"""The one way out: HTTP to an address that was checked before the connection is made.

A name is resolved once, every address it has is judged, and the connection goes to the judged
address (so a second answer from a rebinding resolver changes nothing). Private, loopback and
link-local addresses are refused unless an administrator listed them in HEADROOM_OUTGOING_ALLOW
(`host:port`, or a network such as 10.2.0.0/16). No redirects, no proxies, bounded in time and size.
"""

import ipaddress
import json
import socket
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import urllib3
from django.conf import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

MAX_BYTES = 16_000_000
_TUNNELS = tuple(
    ipaddress.ip_network(text)
    for text in (
        "::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16", "fec0::/10",
        "192.88.99.0/24", "192.0.0.0/24",
    )
)  # fmt: skip


class OutgoingRefused(Exception):
    """The target may not be reached. The sentence names the rule, never the answer of the target."""


class OutgoingFailed(Exception):
    """The target could not be reached, or answered in a way that cannot be used."""


def get_json(url: str, params: Mapping[str, str] | None = None, *, timeout: float = 10.0) -> Any:
    """GET a JSON document. Raises OutgoingRefused or OutgoingFailed; decimals come back as text-exact strings."""
    status, body = request("GET", url, params=params, timeout=timeout)
    if status != 200:
        raise OutgoingFailed(f"The server answered {status}: {_excerpt(body)}")
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise OutgoingFailed("The server's answer is not JSON.") from error


def request(
    method: str, url: str, *, params: Mapping[str, str] | None = None, body: bytes | None = None, timeout: float = 10.0
) -> tuple[int, bytes]:
    """One exchange with a checked address. Returns the status and at most MAX_BYTES of body."""
    scheme, host, port, path = _parts(url)
    address = permitted_address(host, port)
    pool = _pool(scheme, host, port, address, timeout)
    target = f"{path}?{urlencode(params)}" if params else path
    try:
        answer = pool.request(
            method, target, body=body, headers={"Host": _host_header(host, port, scheme)}, redirect=False,
            retries=False, preload_content=False, decode_content=False,
        )  # fmt: skip
        return answer.status, _bounded(answer, f"{host}:{port}", time.monotonic() + timeout)
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        raise OutgoingFailed(f"No answer from {host}:{port} ({type(error).__name__}).") from error
    finally:
        pool.close()


def _bounded(answer: urllib3.BaseHTTPResponse, name: str, deadline: float) -> bytes:
    """The body as it was sent (no bomb is unpacked), within MAX_BYTES and before the deadline, however it drips."""
    content = bytearray()
    while piece := answer.read1(65_536):
        content += piece
        if len(content) > MAX_BYTES:
            answer.close()
            raise OutgoingFailed(f"The answer of {name} is larger than {MAX_BYTES} bytes.")
        if time.monotonic() > deadline:
            answer.close()
            raise OutgoingFailed(f"{name} takes too long to answer.")
    answer.release_conn()
    return bytes(content)


def permitted_address(host: str, port: int) -> str:
    """The address to connect to, after judging every address the name has."""
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, ValueError) as error:
        raise OutgoingFailed(f"{host} has no address.") from error
    for text in found:
        address = ipaddress.ip_address(text.split("%")[0])
        if not _may_be_reached(address, host, port):
            raise OutgoingRefused(
                f"{host}:{port} is a private address; an administrator may list it in HEADROOM_OUTGOING_ALLOW."
            )
    return sorted(found)[0]


def _may_be_reached(address: Address, host: str, port: int) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if address.is_global and not address.is_multicast and not _tunnels(address):
        return True
    return any(_covers(allowed, address, host, port) for allowed in settings.OUTGOING_ALLOW)


def _tunnels(address: Address) -> bool:
    """Ranges that carry an IPv4 address inside, or are site-local: Python calls some of them global."""
    return any(address in network for network in _TUNNELS if network.version == address.version)


def _covers(allowed: str, address: Address, host: str, port: int) -> bool:
    if "/" in allowed:
        network = ipaddress.ip_network(allowed, strict=False)
        return address.version == network.version and address in network
    name, _, number = allowed.rpartition(":")
    return name == host and number == str(port)


def _parts(url: str) -> tuple[str, str, int, str]:
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise OutgoingRefused("The address is not a usable URL.") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.password:
        raise OutgoingRefused("The address must be http(s) and must not carry credentials.")
    return parts.scheme, parts.hostname, port, parts.path or "/"


def _pool(scheme: str, host: str, port: int, address: str, timeout: float) -> urllib3.HTTPConnectionPool:
    limits = urllib3.Timeout(connect=min(timeout, 5.0), read=timeout)
    if scheme == "https":
        return urllib3.HTTPSConnectionPool(
            address, port, timeout=limits, maxsize=1, server_hostname=host, assert_hostname=host
        )
    return urllib3.HTTPConnectionPool(address, port, timeout=limits, maxsize=1)


def _host_header(host: str, port: int, scheme: str) -> str:
    bare = f"[{host}]" if ":" in host else host
    return bare if port == {"http": 80, "https": 443}[scheme] else f"{bare}:{port}"


def _excerpt(body: bytes) -> str:
    return " ".join(body[:200].decode("utf-8", "replace").split())
