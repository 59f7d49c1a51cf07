"""The children that read mails: two of them, each ended after fifty mails, when one takes too long, or when it dies."""

import atexit
import contextlib
import json
import os
import queue
import selectors
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from itsm.mail.parsing.parsed import Parsed, TooMuch

CHILDREN = 2
MAILS_EACH = 50
PATIENCE = 5.5  # seconds; with its headers alone afterwards no mail takes more than six
MAX_ANSWER = 16_000_000
_PROGRAM = "itsm.mail.parsing.child"
_ROOT = Path(__file__).resolve().parents[3]


class Lost(Exception):
    """The child took too long, or died, over this mail."""


class Reader:
    """One child. Not for two threads at once."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._read = 0

    def ask(self, raw: Path, into: Path, *, headers_only: bool) -> dict[str, Any]:
        """What the child says of this mail. Lost where it says nothing in time; the next one has a new child."""
        child = self._running()
        self._read += 1
        line = json.dumps({"raw": str(raw), "into": str(into), "headers_only": headers_only}) + "\n"
        try:
            assert child.stdin is not None  # noqa: S101 - it was opened with one
            child.stdin.write(line.encode())
            child.stdin.flush()
            said: dict[str, Any] = json.loads(_line_of(child, time.monotonic() + PATIENCE))
        except (OSError, ValueError, TimeoutError, EOFError) as error:
            self.end()
            raise Lost(type(error).__name__) from error
        if said.get("refused") in {"memory", "nested"} or self._read >= MAILS_EACH:
            self.end()
        return said

    def end(self) -> None:
        """Kill the child; there may be none."""
        child, self._child, self._read = self._child, None, 0
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._child is None or self._child.poll() is not None:
            self.end()
            self._child = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", _PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, cwd=_ROOT, env={"PYTHONPATH": str(_ROOT), "PYTHONIOENCODING": "utf-8"},
            )  # fmt: skip
        return self._child


def _line_of(child: "subprocess.Popen[bytes]", deadline: float) -> bytes:
    """One line of what it says. TimeoutError, EOFError (it died), ValueError (too long)."""
    assert child.stdout is not None  # noqa: S101 - it was opened with one
    number, said = child.stdout.fileno(), bytearray()
    with selectors.DefaultSelector() as ready:
        ready.register(number, selectors.EVENT_READ)
        while not said.endswith(b"\n"):
            if not ready.select(max(0, deadline - time.monotonic())):
                raise TimeoutError
            piece = os.read(number, 1 << 16)
            if not piece:
                raise EOFError
            said += piece
            if len(said) > MAX_ANSWER:
                raise ValueError
    return bytes(said)


class _Pool:
    """Readers that are free. Made anew in a process that was forked: a child has one parent to talk to."""

    def __init__(self) -> None:
        self.free: queue.LifoQueue[Reader] = queue.LifoQueue()
        for _number in range(CHILDREN):
            self.free.put(Reader())


_pool = _Pool()


def _anew() -> None:
    global _pool  # what was inherited belongs to the parent
    _pool = _Pool()


os.register_at_fork(after_in_child=_anew)


@contextlib.contextmanager
def read(raw: Path, under: Path | None = None) -> Iterator[tuple[Parsed, Path]]:
    """The mail that lies at `raw`, and the folder with its files (made `under` there), which goes afterwards.

    A child that died over it costs that mail alone: then its headers are read, and `flags` say "headers-only".
    TooMuch for a mail above the limits.
    """
    with tempfile.TemporaryDirectory(prefix="headroom-mail-", dir=under) as folder:
        yield _read(raw, Path(folder)), Path(folder)


def read_headers(raw: Path) -> Parsed:
    """The headers alone. TooMuch where they are above the limits, or could not be read in time."""
    with _one() as reader:
        return _said(reader, raw, raw.parent, headers_only=True)


def _read(raw: Path, into: Path) -> Parsed:
    with _one() as reader:
        try:
            return _parsed(reader.ask(raw, into, headers_only=False))
        except Lost:
            pass
        except TooMuch as refused:
            if refused.code not in {"memory", "unreadable"}:
                raise
        return _said(reader, raw, into, headers_only=True)


def _said(reader: Reader, raw: Path, into: Path, *, headers_only: bool) -> Parsed:
    try:
        return _parsed(reader.ask(raw, into, headers_only=headers_only))
    except Lost as error:
        raise TooMuch("time") from error


def _parsed(said: dict[str, Any]) -> Parsed:
    if "refused" in said:
        raise TooMuch(str(said["refused"]), int(said.get("there", 0)))
    return Parsed.from_json(said["read"])


@contextlib.contextmanager
def _one() -> Iterator[Reader]:
    pool = _pool
    reader = pool.free.get()
    try:
        yield reader
    finally:
        pool.free.put(reader)


def end_all() -> None:
    """End every child that is free, as before the process ends."""
    free = [_pool.free.get_nowait() for _number in range(_pool.free.qsize())]
    for reader in free:
        reader.end()
        _pool.free.put(reader)


atexit.register(end_all)
