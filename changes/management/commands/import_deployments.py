"""The past of deployments from a file of JSON lines, one deployment each."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from changes.delivery.operations.importing import import_history
from itsm.kernel.actors import Actor, Door


class Command(BaseCommand):
    help = "Import deployments of the past, a JSON object a line; what was imported before changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="JSON lines; - reads what is piped in")
        parser.add_argument("--dry-run", action="store_true", help="judge every line, keep nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        name, actor = options["file"], Actor.system("import_deployments", Door.COMMAND)
        wanted = {"actor": actor, "at": timezone.now(), "dry_run": options["dry_run"]}
        try:
            if name == "-":
                done = import_history(sys.stdin.buffer, **wanted)
            else:
                with Path(name).open("rb") as lines:
                    done = import_history(lines, **wanted)
        except OSError as error:
            raise CommandError(f"{name} cannot be read: {error.strerror}") from error
        for number, why in done.said:
            self.stderr.write(f"line {number}: {why}")
        self.stdout.write(f"{done.new} new, {done.known} known before, {done.wrong} refused")
        if done.wrong:
            raise CommandError("Some lines were refused; the others were taken.")
