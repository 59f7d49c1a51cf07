"""Bring in a company's people and teams from a CSV file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from itsm.accounts.operations.importing import import_people
from itsm.accounts.roster import COLUMNS
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import DomainError


class Command(BaseCommand):
    help = f"Make and change people as a CSV file says. Its first line names the columns: {', '.join(COLUMNS)}."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="a CSV file in UTF-8; - reads the standard input")
        parser.add_argument("--dry-run", action="store_true", help="only show what would happen")
        parser.add_argument("--create-teams", action="store_true", help="make the teams that are not there yet")
        parser.add_argument(
            "--invite", action="store_true", help="who cannot sign in yet gets a link to choose a password"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = import_people(
                _text(options["file"]),
                actor=Actor.system("import_people", Door.COMMAND),
                keep=not options["dry_run"],
                send_invitations=options["invite"],
                create_teams=options["create_teams"],
            )
        except DomainError as error:
            raise CommandError(error.detail) from error
        for one in found.results:
            words = "; ".join(one.wrong) or ", ".join(
                f"{what}: {before} → {after}" if before else f"{what}: {after}"
                for what, (before, after) in one.changes.items()
            )
            self.stdout.write(f"line {one.line.number}: {one.line.login} {one.action} {words} {one.link}".rstrip())
        self.stdout.write(", ".join(f"{number} {action}" for action, number in found.numbers.items()))
        if found.new_teams:
            self.stdout.write(f"new teams: {', '.join(found.new_teams)}")
        if not found.is_clean:
            raise CommandError(
                f"{found.number('error')} of {len(found.results)} lines to mend; nothing was written.{_hint(options)}"
            )
        if not found.kept:
            self.stdout.write("Nothing was written: this only shows what would happen.")


def _hint(options: dict[str, Any]) -> str:
    return "" if options["create_teams"] else " (--create-teams makes the teams that are not there yet.)"


def _text(name: str) -> str:
    try:
        return (Path("/dev/stdin") if name == "-" else Path(name)).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{name} cannot be read: {error}.") from error
