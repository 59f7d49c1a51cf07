"""Found the demo company, or bring it up to now."""

import json
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from itsm.accounts.demo_logins import founded_logins
from itsm.home.demo import seeding
from itsm.invariants.models import Auditor
from itsm.invariants.rounds import round_of


class Command(BaseCommand):
    help = "Found the demo company on an empty desk, or bring it up to now. Only in demo mode; safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--logins", action="store_true", help="only name the demo's log-ins that are here")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Its log-ins have a known password: set HEADROOM_DEMO=on where you want that.")
        if options["logins"]:
            self.stdout.write(" ".join(sorted(one.username for one in founded_logins())))
            return
        self.began = time.monotonic()
        self.stdout.write(json.dumps(self._done()))

    def _done(self) -> dict[str, Any]:
        at = timezone.now()
        if seeding.is_founded():
            # While the desk was off nobody looked whether what must hold does: until somebody has, people decide.
            if Auditor.objects.exists():
                round_of()
            return {"founded": False, **seeding.catch_up(at, say=self._say)}
        if not seeding.is_empty():
            self._say("this desk has people or services of its own; the demo company stays away")
            return {"founded": False}
        return {"founded": True, **seeding.found(at, say=self._say)}

    def _say(self, words: str) -> None:
        self.stderr.write(f"{time.monotonic() - self.began:5.1f} s  {words}")
