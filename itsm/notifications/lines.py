"""A connection that ends at a deadline, whichever side is slow: connecting, greeting, headers or body."""

import errno
import io
import socket
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from django.utils.translation import gettext as _

from itsm.notifications.addresses import OurFault, Unreachable
from itsm.notifications.resolving import addresses_of

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# No descriptors, no buffers, no address of ours, no network at all: nothing left this machine.
_OURS = {
    errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL, errno.ENETDOWN, errno.ENETUNREACH,
    errno.EPERM, errno.EACCES,
}  # fmt: skip
CONNECT_SECONDS = 5.0
MAX_ADDRESSES = 3


def seconds_left(deadline: float) -> float:
    """Until this instant of the monotonic clock. TimeoutError when it has passed."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def connected(addresses: Sequence[str], host: str, port: int, deadline: float) -> socket.socket:
    """To the first of the judged addresses that answers. Unreachable if none of the first few does."""
    failure, ours = "", []
    for address in addresses[:MAX_ADDRESSES]:
        try:
            return socket.create_connection((address, port), timeout=min(CONNECT_SECONDS, seconds_left(deadline)))
        except OSError as error:
            failure = failure or type(error).__name__
            ours.append(error.errno in _OURS)
    if ours and all(ours):
        raise OurFault(_("Our own network cannot reach %(host)s:%(port)d.") % {"host": host, "port": port})
    raise Unreachable(_("No connection to %(host)s:%(port)d (%(why)s).") % {"host": host, "port": port, "why": failure})


def dialled(host: str, port: int, timeout: float) -> socket.socket:
    """To a server of the operator's own, which is reached by the name they gave it and not judged: its look-up and the
    connection take so many seconds together, and each send and receive after them. Raises OSError as `socket` does, and
    TimeoutError."""
    deadline = time.monotonic() + timeout
    failure: OSError | None = None
    for address in addresses_of(host, port, timeout, named=True)[:MAX_ADDRESSES]:
        try:
            channel = socket.create_connection((address, port), timeout=min(CONNECT_SECONDS, seconds_left(deadline)))
        except OSError as error:
            failure = failure or error
        else:
            channel.settimeout(timeout)
            return channel
    raise failure or OSError("no address")


class TimedLine:
    """What http.client needs of a socket. Each send and each receive gets only the time that is left."""

    def __init__(self, channel: socket.socket, deadline: float) -> None:
        self._channel, self._deadline = channel, deadline

    def as_socket(self) -> socket.socket:
        return cast("socket.socket", self)

    def sendall(self, data: bytes) -> None:
        self._channel.settimeout(seconds_left(self._deadline))
        self._channel.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Received(self._channel, self._deadline))

    def close(self) -> None:
        """The channel belongs to whoever opened it, and the answer is still being read."""


class _Received(io.RawIOBase):
    def __init__(self, channel: socket.socket, deadline: float) -> None:
        super().__init__()
        self._channel, self._deadline = channel, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        self._channel.settimeout(seconds_left(self._deadline))
        return self._channel.recv_into(buffer)
