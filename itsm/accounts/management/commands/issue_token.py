"""Print a new API token, alone, once."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from itsm.accounts import operations, scopes
from itsm.accounts.management.accounts import account_called
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import DomainError


class Command(BaseCommand):
    help = "Issue an API token for an account. The token is printed once and cannot be shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("login", help="the account's user name")
        parser.add_argument("--name", required=True, help="what the token is for")
        parser.add_argument(
            "--scope", action="append", help=f"narrow the token; repeatable; one of {', '.join(scopes.ALL)}"
        )
        parser.add_argument("--days", type=int, default=90, help="days until it expires (1 to 366)")

    def handle(self, *args: Any, **options: Any) -> None:
        owner = account_called(options["login"])
        if not 1 <= options["days"] <= 366:
            raise CommandError("A token lives for 1 to 366 days.")
        try:
            _, text = operations.issue_token(
                owner,
                actor=Actor.system("issue_token", Door.COMMAND),
                name=options["name"],
                allowed=options["scope"],
                lifetime=timedelta(days=options["days"]),
            )
        except DomainError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(text)
