"""Services from a CSV file: ./manage.py import_services services.csv [--dry-run] [--create-teams] [--json]."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.service_import.api import shape_of
from catalog.service_import.operations import ImportPlan, import_services
from itsm.kernel.actors import Actor, Door


class Command(BaseCommand):
    help = "Make services be as a CSV file says; all rows or none. Services that it does not name stay."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="only show what would happen")
        parser.add_argument("--create-teams", action="store_true", help="make the teams that are not there yet")
        parser.add_argument("--json", action="store_true", help="the answer of REST instead of a line for each")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            content = options["file"].read_bytes()
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        plan = import_services(
            content, actor=Actor.system("import_services", Door.COMMAND), dry_run=options["dry_run"],
            create_teams=options["create_teams"],
        )  # fmt: skip
        for line in [json.dumps(shape_of(plan), indent=2, ensure_ascii=False)] if options["json"] else _lines(plan):
            self.stdout.write(line)
        if not plan.is_clean:
            wrong = f"{plan.number('error')} of {len(plan.rows)} lines to mend" if plan.rows else "no table of services"
            hint = "" if options["create_teams"] else " (--create-teams makes the teams that are not there yet.)"
            raise CommandError(f"{wrong}; nothing was written.{hint}")
        if not plan.written and not options["json"]:
            self.stdout.write("Nothing was written: this only shows what would happen.")


def _lines(plan: ImportPlan) -> Iterator[str]:
    yield from plan.problems
    for row in plan.rows:
        words = "; ".join(row.problems) or ", ".join(
            f"{what}: {before} → {after}" if before else f"{what}: {after}"
            for what, (before, after) in row.changes.items()
        )
        yield f"line {row.line}: {row.slug} {row.action} {words}".rstrip()
    yield ", ".join(f"{number} {action}" for action, number in plan.numbers.items())
    if plan.new_teams:
        yield f"new teams: {', '.join(plan.new_teams)}"
