"""The tables of this version, while the version before still serves."""

from datetime import timedelta
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from itsm.audit import adopting
from itsm.continuity.migrating import applying


class Command(BaseCommand):
    help = (
        "Apply what is outstanding, one by one: none waits for a lock longer than a second, and who was not let in "
        "tries again. What fails leaves nothing of its own behind, and the version before goes on."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--role", help="the database role of web and workers: granted its rights afterwards")
        parser.add_argument(
            "--auditor", default="", help="the database role of the auditor of invariants, if it has one"
        )
        parser.add_argument("--patience", type=int, default=600, help="seconds for which one migration tries (600)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            applied = applying.apply_all(self._say, timedelta(seconds=options["patience"]))
            adopted = adopting.adopt()
        except DatabaseError as error:
            raise CommandError(f"It failed and was taken back: {str(error).strip()}") from error
        if adopted:
            self._say(f"{adopted} entries of the history from before the chain were linked")
        if options["role"]:
            roles = {"role": options["role"], "auditor": options["auditor"]}
            call_command("grant_application_rights", **roles, stdout=self.stdout)
        self._say(f"{applied} migrations applied")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
