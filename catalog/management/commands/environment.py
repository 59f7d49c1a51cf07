"""The register of environments from the command line.

./manage.py environment list
./manage.py environment add NAME [--alias WORD]... [--production] [--description TEXT]
./manage.py environment edit NAME [--alias WORD]... [--production | --no-production] [--description TEXT]
./manage.py environment remove NAME
"""

import json
from argparse import BooleanOptionalAction
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.environments import operations, queries
from catalog.environments.models import Environment
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import DomainError

ACTOR = Actor.system("environment", Door.COMMAND)


class Command(BaseCommand):
    help = "List, add, edit or remove environments. Aliases given to edit replace those that stood."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("verb", choices=["list", "add", "edit", "remove"])
        parser.add_argument("name", nargs="?", default="")
        parser.add_argument("--alias", action="append", dest="aliases", help="another word for it, repeatable")
        parser.add_argument(
            "--production",
            action=BooleanOptionalAction,
            default=None,
            help="the gate judges changes here as production",
        )
        parser.add_argument("--description")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verb"] != "list":
            if not options["name"]:
                raise CommandError("Name the environment.")
            try:
                self._write(options)
            except DomainError as error:
                raise CommandError(error.detail) from error
        for one in queries.environments():
            self.stdout.write(json.dumps(_shown(one)))

    def _write(self, options: dict[str, Any]) -> None:
        said = {"aliases": options["aliases"], "description": options["description"]}
        said |= {"is_production": options["production"]}
        said = {name: value for name, value in said.items() if value is not None}
        if options["verb"] == "add":
            operations.create_environment(actor=ACTOR, name=options["name"], **said)
            return
        environment = Environment.objects.get(name=queries.canonical(options["name"]))
        if options["verb"] == "edit":
            operations.edit_environment(environment, actor=ACTOR, version=environment.version, **said)
        else:
            operations.remove_environment(environment, actor=ACTOR, version=environment.version)


def _shown(environment: Environment) -> dict[str, Any]:
    return {
        "name": environment.name,
        "aliases": environment.aliases,
        "is_production": environment.is_production,
        "uses": queries.uses(environment.name),
    }
