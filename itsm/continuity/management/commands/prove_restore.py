"""The half of `make drill` that asks the restored desk itself."""

import json
import sys
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from itsm.continuity.proving import proven


class Command(BaseCommand):
    help = (
        "After a restore, before its release: check files, holds, sessions, invariants, audit. A line of JSON a check."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--of", type=datetime.fromisoformat, default=None, help="the moment that the backup is of")

    def handle(self, *args: Any, **options: Any) -> None:
        failed = False
        for found in proven(options["of"] or timezone.now()):
            failed = failed or found.holds is False
            self.stdout.write(json.dumps(found.as_dict()))
        if failed:
            sys.exit(1)
