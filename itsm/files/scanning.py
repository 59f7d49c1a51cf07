"""What the scanner of the house says of a file; where it says nothing, the file goes on waiting.

`HEADROOM_FILES_SCANNER` is `clamd:HOST:PORT`, `clamd:/path/of/a/socket`, or `command:WORDS` (the path is added; 0 is
clean, 1 is refused). It is a variable and no setting of the desk: whoever may set a command may run programs here.
"""

import logging
import shlex
import socket
import struct
import subprocess
from pathlib import Path

from django.conf import settings

from itsm.files import store
from itsm.files.models import Attachment
from itsm.files.vocabulary import State
from itsm.notifications.lines import dialled

PATIENCE = 20  # seconds
_PIECE = 1 << 16
_LONGEST_ANSWER = 4096
logger = logging.getLogger(__name__)


def scan(attachment: Attachment) -> State:
    """Ask the scanner, and note what it says. Safe to run twice; without a scanner a file is as good as clean."""
    said = verdict(str(settings.FILES_SCANNER), store.place_of(attachment.sha256))
    if said != State.WAITING:
        Attachment.objects.filter(pk=attachment.pk, state=State.WAITING).update(state=said)
    return said


def verdict(scanner: str, path: Path) -> State:
    """What this scanner says of the bytes at a path. Silence, trouble and words that we do not know: WAITING."""
    how, _, where = scanner.partition(":")
    if not scanner:
        return State.CLEAN
    try:
        if how == "command":
            return _by_command(where, path)
        return _by_clamd(where, path) if how == "clamd" else State.WAITING
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        logger.warning("the scanner says nothing: %s", type(error).__name__)
        return State.WAITING


def _by_command(words: str, path: Path) -> State:
    ran = subprocess.run(  # noqa: S603 - the operator's own words
        [*shlex.split(words), str(path)], stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False
    )
    return {0: State.CLEAN, 1: State.REFUSED}.get(ran.returncode, State.WAITING)


def _by_clamd(where: str, path: Path) -> State:
    """INSTREAM: pieces with their lengths, a piece of none at the end, one line as the answer."""
    with _connected(where) as line, path.open("rb") as opened:
        line.sendall(b"zINSTREAM\0")
        while piece := opened.read(_PIECE):
            line.sendall(struct.pack("!I", len(piece)) + piece)
        line.sendall(struct.pack("!I", 0))
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < _LONGEST_ANSWER and (more := line.recv(_LONGEST_ANSWER)):
            answer += more
    said = answer.rstrip(b"\0\n").decode("ascii", "replace")
    if said == "stream: OK":
        return State.CLEAN
    return State.REFUSED if said.endswith(" FOUND") else State.WAITING


def _connected(where: str) -> socket.socket:
    if where.startswith("/"):
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(PATIENCE)
        line.connect(where)
        return line
    host, _, port = where.rpartition(":")
    return dialled(host, int(port), PATIENCE)
