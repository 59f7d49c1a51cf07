"""The half of `make drill` that asks the restored desk itself."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand

from itsm.continuity.proving import proven


class Command(BaseCommand):
    help = (
        "After a restore, before its release: check files, holds, sessions, invariants, audit. A line of JSON a check."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        failed = False
        for found in proven():
            failed = failed or found.holds is False
            self.stdout.write(json.dumps(found.as_dict()))
        if failed:
            sys.exit(1)
