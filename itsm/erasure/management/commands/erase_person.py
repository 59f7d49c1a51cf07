"""Erase a person, or show what that would mask; place or lift the legal hold that forbids it."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from itsm.accounts.management.accounts import account_called
from itsm.erasure import operations, queries
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import DomainError


class Command(BaseCommand):
    help = "Mask the names of a person who has left, everywhere. Without --erase it only shows what would be masked."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("login")
        parser.add_argument("--preview", action="store_true", help="only show: what happens without --erase as well")
        parser.add_argument("--erase", action="store_true", help="do it; without: only show")
        parser.add_argument("--hold", metavar="REASON", default="", help="forbid it for this reason")
        parser.add_argument("--lift-hold", action="store_true", help="let them be erased again")

    def handle(self, *args: Any, **options: Any) -> None:
        person, actor = account_called(options["login"]), Actor.system("erase_person", Door.COMMAND)
        said: dict[str, Any] = {"login": person.username, "erased": False}
        try:
            if options["hold"]:
                operations.hold(person, actor=actor, reason=options["hold"])
            if options["lift_hold"]:
                operations.lift_hold(person, actor=actor)
            if options["erase"] and not options["preview"]:
                made = operations.begin(person, actor=actor)
                while made.ended_at is None:
                    made = operations.going_on(made.pk)
                    self.stderr.write(f"{made.percent} of 100")
                said |= {"login": str(made), "erased": True, "masked": made.masked}
        except DomainError as error:
            raise CommandError(error.detail) from error
        found = queries.preview(type(person).objects.get(pk=person.pk))
        said |= {"words": found.words, "plain_words": found.plain, "found": found.found, "blocked": found.blocked}
        self.stdout.write(json.dumps(said, indent=2))
