"""What is proven of a restored place: each check is a name, whether it holds, and a sentence with numbers.

The audit chain, of an app beside this one, is asked by its management command, by name.
"""

import hashlib
import io
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.management import call_command, get_commands
from django.core.management.base import CommandError
from django.utils import timezone

from itsm.accounts.models import Session, Token
from itsm.accounts.tokens import are_withheld
from itsm.files import store
from itsm.files.models import Attachment
from itsm.invariants.asking import ask
from itsm.invariants.known import known
from itsm.invariants.reading import reading
from itsm.notifications import outbox, quarantine

# Commands of other apps: the check's name, the command and its words.
COMMANDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (("audit chain", "verify_audit", ()),)
# About the installation that runs: whether its programs keep time, its backups are fresh, its clocks agree.
NOT_OF_A_COPY = {"I15", "I19", "I20"}
_CHUNK = 1 << 20
_NAMED = 5  # so many of what is missing are named


@dataclass(frozen=True)
class Found:
    """Of one check. `holds` None: there was nothing to ask."""

    check: str
    holds: bool | None
    said: str
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def proven(of_at: datetime) -> Iterator[Found]:
    """Every check, in its order, as each is finished. `of_at`: the moment that the backup is of."""
    for name, check in (("attachments", _attachments), ("outgoing", _outgoing), ("sessions and tokens", _ways_in)):
        yield _timed(name, check)
    yield _timed("invariants", lambda: _invariants(of_at))
    for name, command, words in COMMANDS:
        yield _timed(name, lambda command=command, words=words: _called(command, words))  # type: ignore[misc]


def _timed(name: str, check: Callable[[], tuple[bool | None, str]]) -> Found:
    began = time.monotonic()
    holds, said = check()
    return Found(name, holds, said, round(time.monotonic() - began, 2))


def _attachments() -> tuple[bool, str]:
    """The bytes of every file that is not withdrawn are there, and are those that its row names."""
    wanted = Attachment.objects.filter(withdrawn_at=None).values_list("sha256", flat=True).distinct().order_by()
    bad, number = [], 0
    for sha256 in wanted.iterator(2000):
        number += 1
        if _digest(sha256) != sha256:
            bad.append(sha256[:12])
    if bad:
        return False, f"{len(bad)} of {number} files are missing or altered: {', '.join(bad[:_NAMED])}"
    return True, f"{number} files, each with the hash of its row"


def _digest(sha256: str) -> str:
    try:
        with store.place_of(sha256).open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        return ""


def _outgoing() -> tuple[bool, str]:
    """Everything is held, so that a relay delivers nothing."""
    owed = quarantine.owed()
    if quarantine.since() is None:
        return False, f"nothing is held: {owed} deliveries would leave"
    left = outbox.relay(timezone.now())
    return left == 0, f"{owed} deliveries are owed and held, {left} left"


def _ways_in() -> tuple[bool, str]:
    """Nobody is signed in, and no token opens anything before the release."""
    sessions, tokens = Session.objects.count(), Token.objects.filter(revoked_at=None).count()
    return sessions == 0 and are_withheld(), f"{sessions} sessions; {tokens} tokens are withheld until the release"


def _invariants(of_at: datetime) -> tuple[bool, str]:
    """All of them, of all history, as of the backup: what was on time then is not late because it was kept."""
    wanted = [one.id for one in known() if one.id not in NOT_OF_A_COPY]
    with reading():
        answers = list(ask(of_at + timedelta(seconds=1), full=True, only=wanted))
    wrong = [f"{one.invariant.id} ({one.failed or f'{one.count} found'})" for one in answers if one.count or one.failed]
    if wrong:
        return False, f"these do not hold: {', '.join(wrong)}"
    return True, f"{len(answers)} asked of all history, as of the backup"


def _called(command: str, words: tuple[str, ...]) -> tuple[bool | None, str]:
    """What another app's own command says of this place; its last line, and whether it passed."""
    if command not in get_commands():
        return None, f"this version has no ./manage.py {command}"
    out = io.StringIO()
    try:
        call_command(command, *words, stdout=out, stderr=out)
    except (CommandError, SystemExit) as error:
        code = error.code if isinstance(error, SystemExit) else 1
        if code not in (0, None):
            return False, _last(out) or str(error)
    return True, _last(out) or "it passed"


def _last(out: io.StringIO) -> str:
    lines = out.getvalue().strip().splitlines()
    return lines[-1][:300] if lines else ""
