"""Real releases through the gate, by REST, at the instants at which they happened."""

import json
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from itsm.home.demo.replay.client import Refused, open_door
from itsm.home.demo.replay.clock import turned_to
from itsm.home.demo.replay.counts import table, tally
from itsm.home.demo.replay.desk import set_up
from itsm.home.demo.replay.history import Release, releases
from itsm.home.demo.replay.incidents import Weather, weather, window_before
from itsm.home.demo.replay.releasing import Answer, Replay
from itsm.home.demo.seeding import is_empty


class Command(BaseCommand):
    help = "Send real releases as pipeline requests through REST and say how the gate answered (make replay)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, nargs="?", default=Path("../shared/data/releases"))
        parser.add_argument("--limit", type=int, metavar="N", help="only the first N releases")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        if not is_empty():
            raise CommandError("It fills the desk with years of history: `make replay` gives it an empty one.")
        try:
            history = releases(folder)[: options["limit"]]
            sky = weather(folder.parent / "nab")
        except (OSError, KeyError, ValueError) as error:
            raise CommandError(f"No releases can be read from {folder}: {error}") from error
        began = time.monotonic()
        answers, requests = self._replayed(history, sky)
        for line in table(answers):
            self.stderr.write(line)
        seconds = round(time.monotonic() - began, 1)
        self.stdout.write(json.dumps(tally(answers) | {"requests": requests, "seconds": seconds}))

    def _replayed(self, history: list[Release], sky: Weather) -> tuple[list[Answer], int]:
        began = history[0].at
        self.stderr.write(
            f"{len(history)} releases from {began:%Y-%m-%d} to {history[-1].at:%Y-%m-%d}, each asked at its own "
            f"instant; the indicator is {'real (NAB)' if sky.is_real else 'made up: no NAB beside the folder'}"
        )
        with open_door() as door, turned_to(window_before(began)) as clock:
            replay = Replay(set_up(door), clock, sky, measured_until=window_before(began))
            try:
                return [self._told(replay.release(one)) for one in history], door.requests
            except Refused as refusal:
                raise CommandError(str(refusal)) from refusal

    def _told(self, answer: Answer) -> Answer:
        reason = next(iter(answer.said["reasons"]), {"sentence": ""})
        self.stderr.write(
            f"{answer.release.at:%Y-%m-%d}  {answer.release.version:<7} {answer.outcome:<10} {reason['sentence']}"
        )
        return answer
