"""Ask what must always hold, beside the workers and without them, as a database role that only reads."""

import json
import logging
import signal
import sys
import threading
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError, connection

from itsm.clocks import heartbeat
from itsm.clocks.keeping import now_there
from itsm.invariants.asking import Answer
from itsm.invariants.known import known
from itsm.invariants.models import Auditor
from itsm.invariants.rounds import round_of
from itsm.kernel import garbage

logger = logging.getLogger("headroom.invariants")

EVERY = 60.0  # seconds: the questions of the minute
ALL_EVERY = 3600.0
SETTLED = 300.0  # after a start what fell due while the desk was off is being done, and counts as late no sooner
LOOKS_UP = 15.0  # between rounds: a sign of life


class Command(BaseCommand):
    help = (
        "Ask every minute, and everything every hour, what must always hold (I1-I20). Violations are kept, shown on"
        " /operations/invariants/ and told; those of I1-I8 let people decide about changes until one clears them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="one round; exit code 1 where something does not hold")
        parser.add_argument("--full", action="store_true", help="everything, of all history, also with --once")
        parser.add_argument("--json", action="store_true", help="what was found, for programs; one line a round")
        parser.add_argument("--only", nargs="+", default=[], metavar="ID", help="these invariants, such as I1")

    def handle(self, *args: Any, once: bool, full: bool, **options: Any) -> None:
        if once or options["only"]:
            unknown = set(options["only"]) - {one.id for one in known()}
            if unknown:
                self.stderr.write(f"There is no invariant {', '.join(sorted(unknown))}.")
                sys.exit(2)
            answers = round_of(full=full, only=options["only"])
            self.say(answers, as_json=options["json"])
            if any(one.count or one.failed for one in answers):
                sys.exit(1)
            return
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: stopping.set())
        garbage.spare_what_is_loaded()
        self.keep_asking(stopping, options["json"])

    def keep_asking(self, stopping: threading.Event, as_json: bool) -> None:
        """Until it is stopped. All of it is asked first: what happened while nobody looked is seen at once.

        All of it goes one after the other between the rounds of the minute, so that these are never late for it.
        """
        self.began = time.monotonic()
        whole, next_one, next_all = list[str](), time.monotonic(), time.monotonic()
        while not stopping.is_set():
            if time.monotonic() >= next_one:
                next_one = time.monotonic() + EVERY
                self.one_round(as_json)
            if not whole and time.monotonic() >= next_all:
                next_all = time.monotonic() + ALL_EVERY
                whole = [one.id for one in known()]
            elif whole and self.one_round(as_json, only=whole[:1]):
                del whole[0]
                if not whole:
                    self.all_is_asked()
            self.alive()
            stopping.wait(0 if whole else LOOKS_UP)

    def one_round(self, as_json: bool, *, only: Sequence[str] = ()) -> bool:
        """The minute's questions, or all that there is to ask of `only` these. Nothing that goes wrong ends the
        auditor; where it cannot ask, its silence is seen."""
        try:
            answers = round_of(full=bool(only), only=only, punctual=time.monotonic() - self.began > SETTLED)
        except (DatabaseError, InterfaceError) as error:
            logger.warning("no database (%s)", type(error).__name__)
            connection.close()
            time.sleep(1)
            return False
        if as_json:
            self.say(answers, as_json=True)
        return True

    def all_is_asked(self) -> None:
        try:
            Auditor.objects.update(looked_at_all_at=now_there())
        except (DatabaseError, InterfaceError):
            connection.close()

    def alive(self) -> None:
        try:
            heartbeat.swept(heartbeat.auditor_here())
        except (DatabaseError, InterfaceError):
            connection.close()

    def say(self, answers: list[Answer], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({one.invariant.id: _plain(one) for one in answers}))
            return
        for one in answers:
            standing = one.failed and f"could not be asked: {one.failed}"
            standing = standing or (f"{one.count} found" if one.count else "holds")
            self.stdout.write(f"{one.invariant.id:>4}  {standing:<12} {one.took_ms:>6} ms  {one.invariant.title}")
            for name, found in one.found[:10]:
                question = one.invariant.question(name)
                said = question.said % {"reference": found.reference, "detail": found.detail} if question else name
                self.stdout.write(f"      {said}")
        wrong = [one.invariant.id for one in answers if one.count or one.failed]
        summary = (
            f"{len(wrong)} of {len(answers)} do not hold: {', '.join(wrong)}" if wrong else f"all {len(answers)} hold"
        )
        self.stdout.write(summary)


def _plain(answer: Answer) -> dict[str, Any]:
    found = [{"question": name, **row._asdict()} for name, row in answer.found]
    return {"count": answer.count, "failed": answer.failed, "took_ms": answer.took_ms, "found": found}
