"""Add a team, with its members."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from itsm.accounts import operations
from itsm.accounts.management.accounts import account_called
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import DomainError


class Command(BaseCommand):
    help = "Add a team. Members and leads are logins of accounts that are there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="its key in addresses; it does not change")
        parser.add_argument("--name", default="", help="as people call it (default: the slug)")
        parser.add_argument("--member", action="append", default=[], help="a login, repeatable")
        parser.add_argument("--lead", action="append", default=[], help="a member who leads it, repeatable")

    def handle(self, *args: Any, **options: Any) -> None:
        members = {account_called(login): False for login in options["member"]}
        members |= {account_called(login): True for login in options["lead"]}
        try:
            team = operations.add_team(
                actor=Actor.system("add_team", Door.COMMAND),
                slug=options["slug"],
                name=options["name"] or options["slug"],
                members=members,
            )
        except DomainError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(json.dumps({"team": team.slug, "members": sorted(one.username for one in members)}))
