"""Whether clocks say what their events say, and whether they count by the zone data of today.

./manage.py clocks verify            names what differs, and ends with an error where something does
./manage.py clocks verify --repair   writes it anew from the events; a second run finds nothing. What a settled clock
                                     counted is told where today's zone data say otherwise, and never written
./manage.py clocks rederive          after new zone data: says what is due at another instant now; a second run nothing
"""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from itsm.clocks.models import Clock
from itsm.clocks.rederiving import rederive
from itsm.clocks.verifying import faults


class Command(BaseCommand):
    help = "Hold the rows of clocks against their events, or against the zone data of today."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("verb", choices=["verify", "rederive"])
        parser.add_argument("--repair", action="store_true", help="verify: write what differs anew from the events")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verb"] == "rederive":
            self._rederive()
        else:
            self._verify(options["repair"])

    def _verify(self, repair: bool) -> None:
        found = settled = 0
        for fault in faults(timezone.now(), repair=repair):
            found += bool(fault.wrong)
            settled += bool(fault.settled)
            said = {"wrong": fault.wrong, "settled": fault.settled}
            words = {
                part: {name: [str(there), str(wanted)] for name, (there, wanted) in of.items()}
                for part, of in said.items()
                if of
            }
            self.stdout.write(json.dumps({"clock": str(fault.clock), **words}))
        counts = {"faults": found, "repaired": found if repair else 0, "settled_otherwise": settled}
        self.stdout.write(json.dumps({"clocks": Clock.objects.count(), **counts}))
        if found and not repair:
            raise CommandError("Some clocks do not say what their events say; --repair writes them anew.")

    def _rederive(self) -> None:
        found = 0
        for moved in rederive(timezone.now()):
            found += 1
            due = [None if at is None else at.isoformat() for at in (moved.before, moved.after)]
            self.stdout.write(json.dumps({"moved": moved.what, "due": due}))
        self.stdout.write(json.dumps({"moved": found}))
