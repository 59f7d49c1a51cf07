"""Take somebody's second factors away at once, by who operates the server."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from itsm.accounts.management.accounts import account_called
from itsm.kernel.actors import Actor, Door
from itsm.second_factors.operations.resetting import forget_factors


class Command(BaseCommand):
    help = "Take all second factors of a person away, at once; their sessions end, and they are told."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("login")

    def handle(self, *args: Any, **options: Any) -> None:
        user = account_called(options["login"])
        gone = forget_factors(user, actor=Actor.system("reset_factors", Door.COMMAND))
        self.stdout.write(json.dumps({"login": user.username, "factors": gone}))
