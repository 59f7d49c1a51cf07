"""Ports on the loopback: a free one for our servers, a friendly word when yours is taken."""

import os
import secrets
import socket

from itsm.run.say import GiveUp

HOST = "127.0.0.1"
OURS = range(20_000, 32_000)


def free() -> int:
    """Below the ports that the kernel lends to outgoing connections: one of those could take
    the place of a server while it restarts."""
    for _ in range(100):
        port = OURS.start + secrets.randbelow(len(OURS))
        if is_free(port):
            return port
    raise GiveUp(f"No free port on the loopback between {OURS.start} and {OURS.stop}.")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # Without it the port of a server that stopped a moment ago would look taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def listening(port: int) -> socket.socket:
    """The desk's own socket, which outlives each of its web servers: who comes while they change waits in its queue."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    listener.listen(2048)
    return listener


def wanted() -> int:
    """PORT from the environment."""
    text = os.environ.get("PORT", "8000")
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise GiveUp(f"PORT is {text!r}; say a number from 1 to 65535, as in: make run PORT=8001")
    return int(text)


def insist_free(port: int) -> None:
    if is_free(port):
        return
    other = port + 1
    while other < 65535 and not is_free(other):
        other += 1
    raise GiveUp(f"Port {port} is taken by another program. Choose another one:\n    make run PORT={other}")
