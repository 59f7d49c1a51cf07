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
        parser.add_argument("--dry-run", action="store_true", help="try everything, keep nothing")
        parser.add_argument("--invite", action="store_true", help="send new people a link to choose a password")
        parser.add_argument("--known-teams-only", action="store_true", help="refuse teams that are not there")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = import_people(
                _text(options["file"]),
                actor=Actor.system("import_people", Door.COMMAND),
                keep=not options["dry_run"],
                send_invitations=options["invite"],
                make_teams=not options["known_teams_only"],
            )
        except DomainError as error:
            raise CommandError(error.detail) from error
        for one in found.results:
            words = "; ".join(one.wrong) or ", ".join(one.changed)
            self.stdout.write(f"line {one.line.number}: {one.line.login} {one.outcome} {words} {one.link}".rstrip())
        if found.wrong:
            raise CommandError(f"Nothing was kept: {found.wrong} of {len(found.results)} lines are wrong.")
        kept = "kept" if found.kept else "tried, not kept"
        self.stdout.write(f"{found.new} new, {found.changed} changed, {len(found.new_teams)} new teams: {kept}")


def _text(name: str) -> str:
    try:
        return (Path("/dev/stdin") if name == "-" else Path(name)).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{name} cannot be read: {error}.") from error
