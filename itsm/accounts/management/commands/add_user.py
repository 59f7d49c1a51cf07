"""Add an account: a person, or a service account for a pipeline."""

import getpass
import json
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from itsm.accounts import operations
from itsm.accounts.management.accounts import account_called
from itsm.accounts.models import Role, Team, User
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import DomainError


class Command(BaseCommand):
    help = "Add an account. A person's password is asked for; a service account gets tokens instead."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("login")
        parser.add_argument("--role", action="append", required=True, help=f"repeatable: {', '.join(Role.values)}")
        parser.add_argument("--team", action="append", default=[], help="a team's slug, repeatable")
        parser.add_argument("--name", default="")
        parser.add_argument("--email", default="")
        parser.add_argument("--service-account", action="store_true", help="a pipeline or another program")
        parser.add_argument("--lead", action="append", default=[], help="a team that they lead, repeatable")
        parser.add_argument("--manager", default="", help="of a person: to whom they report (a login)")
        parser.add_argument("--invite", action="store_true", help="mail, or print, a link to choose a password")
        parser.add_argument("--owner", default="", help="of a service account: who answers for it (a login)")

    def handle(self, *args: Any, **options: Any) -> None:
        named = {*options["team"], *options["lead"]}
        teams = list(Team.objects.filter(slug__in=named))
        unknown = sorted(named - {team.slug for team in teams})
        if unknown:
            raise CommandError(f"There is no team called {', '.join(unknown)}.")
        account_type = User.AccountType.SERVICE if options["service_account"] else User.AccountType.HUMAN
        actor, link = Actor.system("add_user", Door.COMMAND), ""
        asks = account_type == User.AccountType.HUMAN and not options["invite"]
        try:
            user = operations.add_user(
                actor=actor,
                username=options["login"],
                roles=options["role"],
                name=options["name"],
                email=options["email"],
                teams=teams,
                leads=[team for team in teams if team.slug in options["lead"]],
                password=self._password() if asks else None,
                account_type=account_type,
                owner=account_called(options["owner"]) if options["owner"] else None,
                manager=account_called(options["manager"]) if options["manager"] else None,
            )
            if options["invite"]:
                link = operations.invite(user, actor=actor)
        except DomainError as error:
            raise CommandError(error.detail) from error
        said = {"login": user.username, "roles": user.roles, "account_type": user.account_type}
        self.stdout.write(json.dumps({**said, "invitation": link} if link else said))

    def _password(self) -> str:
        password = getpass.getpass("Password: ")
        try:
            validate_password(password)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        return password
