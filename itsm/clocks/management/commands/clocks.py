"""Whether clocks say what their events say.

./manage.py clocks verify            names what differs, and ends with an error where something does
./manage.py clocks verify --repair   writes it anew from the events; a second run finds nothing
"""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from itsm.clocks.models import Clock
from itsm.clocks.verifying import faults


class Command(BaseCommand):
    help = "Hold the rows of clocks against their events."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("verb", choices=["verify"])
        parser.add_argument("--repair", action="store_true", help="write what differs anew from the events")

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        for fault in faults(timezone.now(), repair=options["repair"]):
            found += 1
            wrong = {name: [str(there), str(wanted)] for name, (there, wanted) in fault.wrong.items()}
            self.stdout.write(json.dumps({"clock": str(fault.clock), "wrong": wrong}))
        repaired = found if options["repair"] else 0
        self.stdout.write(json.dumps({"clocks": Clock.objects.count(), "faults": found, "repaired": repaired}))
        if found and not options["repair"]:
            raise CommandError("Some clocks do not say what their events say; --repair writes them anew.")
