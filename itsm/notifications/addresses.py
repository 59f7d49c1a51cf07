"""Judging where a connection may go: every address of a name, before anything is sent.

Private, loopback and link-local addresses are refused unless an administrator listed them in
HEADROOM_OUTGOING_ALLOW or on the page of settings (`host:port`, or a network such as 10.2.0.0/16).
"""

import ipaddress
import socket

from django.utils.translation import gettext as _

from itsm.configuration.reading import outgoing_allow, outgoing_is_held
from itsm.notifications.hosts import ascii_host
from itsm.notifications.resolving import LOOK_UP_SECONDS, addresses_of

# What a resolver says that works; anything else is about the resolver.
_NO_SUCH_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_TUNNELS = tuple(
    ipaddress.ip_network(text)
    for text in (
        "::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16", "fec0::/10",
        "192.88.99.0/24", "192.0.0.0/24", "5f00::/16", "3fff::/20",
    )
)  # fmt: skip


class OutgoingRefused(Exception):
    """The target may not be reached. The sentence names the rule, never the answer of the target."""


class OutgoingFailed(Exception):
    """The target could not be reached, or answered in a way that cannot be used."""


class Unreachable(OutgoingFailed):
    """No address, no route, nobody listening: theirs to mend or ours, which cannot be told from here."""


class OurFault(OutgoingFailed):
    """Ours to mend: our resolver, our network, an authority that we were not told of. It says nothing of the target."""


class TooLarge(OutgoingFailed):
    """It answered, and more than is taken."""


class TooSlow(OutgoingFailed):
    """It was reached and took too long; asking again at once would only add to its load."""


def permitted_address(host: str, port: int) -> str:
    """The address to connect to, after judging every address the name has."""
    return permitted_addresses(host, port)[0]


def permitted_addresses(
    host: str, port: int, *, only_named: bool = False, within: float = LOOK_UP_SECONDS
) -> list[str]:
    """All addresses of the name, best route first as the system orders them. One that is refused refuses the name.
    `within`: the seconds that its look-up may take.

    `only_named`: for what anybody may cause. A listed network then opens nothing, a listed host and port do.
    So does all of them a desk that was restored and not yet released, whose peers may be told twice.
    """
    if outgoing_is_held():
        raise OutgoingRefused(
            _("This desk was restored from a backup; it connects to nobody until an operator releases it.")
        )
    try:
        found = addresses_of(host, port, within)
    except TimeoutError as error:
        raise OurFault(str(error)) from error
    except socket.gaierror as error:
        if error.errno not in _NO_SUCH_NAME:
            raise OurFault(
                _("Our own look-up of %(host)s failed (%(why)s).") % {"host": host, "why": error.strerror}
            ) from error
        raise Unreachable(_("%(host)s has no address.") % {"host": host}) from error
    except (OSError, ValueError, OverflowError) as error:
        raise Unreachable(_("%(host)s has no address.") % {"host": host}) from error
    for text in found:
        if not _may_be_reached(_address(text), host, port, only_named):
            raise OutgoingRefused(
                _(
                    "%(host)s:%(port)d is a private address; an administrator may allow it under Settings, "
                    "or in HEADROOM_OUTGOING_ALLOW."
                )
                % {"host": host, "port": port}
            )
    return found


def is_listed(text: str, host: str, port: int) -> bool:
    """Whether an administrator named this target, by host and port or by the network of its address."""
    return any(_covers(allowed, _address(text), host, port) for allowed in outgoing_allow())


def _address(text: str) -> Address:
    address = ipaddress.ip_address(text.split("%")[0])
    return address.ipv4_mapped or address if isinstance(address, ipaddress.IPv6Address) else address


def _may_be_reached(address: Address, host: str, port: int, only_named: bool) -> bool:
    if address.is_global and not address.is_multicast and not _tunnels(address):
        return True
    listed = [one for one in outgoing_allow() if not (only_named and "/" in one)]
    return any(_covers(allowed, address, host, port) for allowed in listed)


def _tunnels(address: Address) -> bool:
    """Ranges that carry an IPv4 address inside, or are nobody's outside: Python calls some of them global."""
    return any(address in network for network in _TUNNELS if network.version == address.version)


def _covers(allowed: str, address: Address, host: str, port: int) -> bool:
    if "/" in allowed:
        network = ipaddress.ip_network(allowed, strict=False)
        return address.version == network.version and address in network
    name, _colon, number = allowed.rpartition(":")
    try:
        return ascii_host(name) == host and number == str(port)
    except ValueError:
        return False
