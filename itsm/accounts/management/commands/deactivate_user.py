"""Deactivate an account, or show what that would end and leave behind."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from itsm.accounts import operations
from itsm.accounts.management.accounts import account_called
from itsm.accounts.queries.departures import departure
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import DomainError


class Command(BaseCommand):
    help = "Deactivate an account: sessions, tokens and links end at once. Prints what that leaves behind."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("login")
        parser.add_argument("--successor", default="", help="a login: who takes over what passes")
        parser.add_argument("--reason", default="")
        parser.add_argument("--dry-run", action="store_true", help="only show what would end and be orphaned")

    def handle(self, *args: Any, **options: Any) -> None:
        person = account_called(options["login"])
        successor = account_called(options["successor"]) if options["successor"] else None
        found = departure(person)
        if not options["dry_run"]:
            try:
                operations.deactivate(
                    person,
                    actor=Actor.system("deactivate_user", Door.COMMAND),
                    successor=successor,
                    reason=options["reason"],
                )
            except DomainError as error:
                raise CommandError(error.detail) from error
        said = {**asdict(found), "login": person.username, "deactivated": not options["dry_run"]}
        self.stdout.write(json.dumps(said, indent=2))
