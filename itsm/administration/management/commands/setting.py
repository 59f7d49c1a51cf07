"""Settings that need no restart, from the command line.

./manage.py setting list
./manage.py setting set NAME [VALUE...]     a list takes several; none: an empty list or text
./manage.py setting reset NAME              the default again, which comes from the environment
"""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from itsm.administration import operations
from itsm.configuration.known import BY_NAME
from itsm.configuration.models import Setting
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import DomainError


class Command(BaseCommand):
    help = "List, set or reset what may be set without a restart."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("verb", choices=["list", "set", "reset"])
        parser.add_argument("name", nargs="?", default="")
        parser.add_argument("value", nargs="*")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verb"] != "list":
            try:
                self._set(options)
            except DomainError as error:
                raise CommandError(error.detail) from error
        for one in Setting.objects.filter(name__in=list(BY_NAME)):
            source = one.known.variable if one.value is None else "desk"
            self.stdout.write(json.dumps({"name": one.name, "value": one.effective, "source": source}))

    def _set(self, options: dict[str, Any]) -> None:
        setting = operations.setting_called(options["name"])
        words: list[str] = options["value"]
        value: Any = words if setting.known.is_list else " ".join(words)
        operations.set_setting(
            setting, None if options["verb"] == "reset" else value,
            actor=Actor.system("setting", Door.COMMAND), version=setting.version,
        )  # fmt: skip
