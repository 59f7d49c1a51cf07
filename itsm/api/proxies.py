"""Who the client is, behind proxies that are named; what anybody else forwards is not looked at.

`REMOTE_ADDR` is made to hold the client's address once, before everything else; lock-outs, logs and limits read it
there. From a peer that is not listed, the forwarding headers are dropped.
"""

import ipaddress
from collections.abc import Callable, Sequence
from functools import lru_cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponseBase

from itsm.configuration.reading import trusted_proxies

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT",
             "HTTP_X_FORWARDED_PREFIX", "HTTP_X_REAL_IP", "HTTP_FORWARDED")  # fmt: skip
_MAX_HOPS = 20


class TrustedProxies:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        networks(tuple(settings.TRUSTED_PROXIES))  # what cannot be read is said at the start

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if any(header in request.META for header in FORWARDED):  # else there is nothing to judge
            trusted = networks(trusted_proxies())
            if trusted:
                self._judge(request, trusted)
            else:
                request.META.pop("HTTP_X_FORWARDED_FOR", None)  # nobody is named: it is nobody's word
        return self.get_response(request)

    def _judge(self, request: HttpRequest, trusted: Sequence[Network]) -> None:
        peer = parsed(request.META.get("REMOTE_ADDR", ""))
        if peer is None or not is_in(peer, trusted):
            for header in FORWARDED:
                request.META.pop(header, None)
            return
        forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", ""))
        request.META["REMOTE_ADDR"] = str(client(peer, forwarded, trusted))


def client(peer: Address, forwarded: str, trusted: Sequence[Network]) -> Address:
    """The nearest address that is no proxy of ours: the rightmost one that is not listed.

    Where the chain cannot be read on, the last one that could be is taken: never what a client wrote before it.
    """
    known = peer
    for text in reversed(forwarded.split(",")[-_MAX_HOPS:] if forwarded else []):
        hop = parsed(text)
        if hop is None:
            return known
        known = hop
        if not is_in(hop, trusted):
            return hop
    return known


def client_address(request: HttpRequest) -> str:
    """For django-axes, which would otherwise look for packages that guess."""
    return str(request.META.get("REMOTE_ADDR", ""))


def parsed(text: str) -> Address | None:
    """An address as proxies write it: `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]:4711`."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def is_in(address: Address, listed: Sequence[Network]) -> bool:
    return any(address.version == one.version and address in one for one in listed)


@lru_cache(maxsize=8)
def _networks(words: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(word) for word in words)


def networks(words: Sequence[str]) -> list[Network]:
    """Read once for each list. Raises ImproperlyConfigured."""
    try:
        return list(_networks(tuple(words)))
    except ValueError as error:
        raise ImproperlyConfigured(f"HEADROOM_TRUSTED_PROXIES: {error}. Say addresses or networks.") from error
