"""A check of everything that begins before the apps are loaded.

Nearly all of it is work of the database, and loading them takes a core as long as the half of it: `./manage.py
verify_audit` begins it first, and takes what was found when it comes to that. Nothing here needs a model.
"""

import threading
import time
import warnings
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from django.db import connection, connections

from itsm.audit import verifying
from itsm.audit_trail import explained

COMMAND = "verify_audit"
# Words beside which it reads everything, with as many connections as there are cores.
_PLAIN = frozenset({"--json", "--traceback", "--no-color", "--force-color", "--skip-checks"})

_begun: Future[tuple[verifying.Checked, float]] | None = None
_over = threading.Event()  # the command has ended: nobody takes what is still being checked


class LetGo(Exception):
    """Nobody waits for the check any more."""


def begin(words: Sequence[str]) -> bool:
    """Begin beside this thread what the words of a command line ask for; False, and nothing, where that is not a check
    of everything. Raises ImproperlyConfigured where the settings do not load; what else is wrong `taken` says."""
    global _begun
    where = [one for one in words[1:] if one.startswith("--anchors=")]
    if list(words[:1]) != [COMMAND] or set(words[1:]) - _PLAIN - set(where):
        return False
    connections.settings  # noqa: B018 - loads the settings, which is not done twice at the same time
    explained.register()
    # Django says so of whatever reads before the apps are there; this reads no model of theirs.
    warnings.filterwarnings("ignore", "Accessing the database during app initialization", RuntimeWarning)
    _over.clear()
    beside = ThreadPoolExecutor(1)
    _begun = beside.submit(_check_beside)
    beside.shutdown(wait=False)
    return True


def taken() -> tuple[verifying.Checked, float] | None:
    """What the check that was begun found, once, and its seconds; None where none was. Raises what ended it."""
    global _begun
    begun, _begun = _begun, None
    return begun.result() if begun else None


def let_go() -> None:
    """The command has ended: a check that it did not take ends with the statements that it is at, half a second of a
    core each, instead of holding up the end of the program until all is read. Raises nothing."""
    _over.set()


def check(
    since: verifying.Since | None, jobs: int | None, told: verifying.Told | None = None
) -> tuple[verifying.Checked, float]:
    """What `verifying.verify` finds, and the seconds that it took."""
    began = time.monotonic()
    return verifying.verify(since, jobs=jobs, told=told), time.monotonic() - began


def _check_beside() -> tuple[verifying.Checked, float]:
    try:
        return check(None, verifying.cores(), _go_on)
    finally:
        connection.close()


def _go_on(done: int, of: int) -> None:
    if _over.is_set():
        raise LetGo
