"""Services from a CSV file: ./manage.py import_services services.csv [--dry-run] [--create-teams]."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.service_import.api import shape_of
from catalog.service_import.operations import import_services
from itsm.kernel.actors import Actor, Door


class Command(BaseCommand):
    help = "Make services be as a CSV file says; all rows or none. Services that it does not name stay."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="only show what would happen")
        parser.add_argument("--create-teams", action="store_true", help="make the teams that are not there yet")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            content = options["file"].read_bytes()
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        plan = import_services(
            content, actor=Actor.system("import_services", Door.COMMAND), dry_run=options["dry_run"],
            create_teams=options["create_teams"],
        )  # fmt: skip
        self.stdout.write(json.dumps(shape_of(plan), indent=2, ensure_ascii=False))
        if not plan.is_clean:
            raise CommandError("Nothing was written: see the problems above.")
