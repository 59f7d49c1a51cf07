"""What `make backup`, `make drill`, `make restore` and `make upgrade` write down on the desk that runs."""

import json
import sys
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from itsm.continuity import operations
from itsm.continuity.vocabulary import What
from itsm.kernel.actors import Actor, Door


class Command(BaseCommand):
    help = "Keep how a backup, a drill, a restore or an upgrade went; a JSON object on standard input says it."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            said = json.load(sys.stdin)
            made = operations.note(
                What(said["what"]),
                actor=Actor.system(f"make {said['what']}", Door.COMMAND),
                began_at=datetime.fromisoformat(said["began_at"]),
                ended_at=datetime.fromisoformat(said["ended_at"]),
                of_at=datetime.fromisoformat(said["of_at"]) if said.get("of_at") else None,
                problem=str(said.get("problem", "")),
                facts=dict(said.get("facts", {})),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise CommandError(f"This is not how a run is written down: {error!r}.") from error
        self.stdout.write(made.reference)
