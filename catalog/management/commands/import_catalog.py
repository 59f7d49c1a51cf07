"""Configuration items from files of other tools.

./manage.py import_catalog --format backstage|csv|netbox|kubernetes|ansible FILE...
    [--source S] [--complete] [--atomic] [--dry-run]

The last line is one JSON object: {read, created, updated, unchanged, refused[{document, reason}], relations}. It ends
with 1 where anything was refused; of a broken file nothing is taken in.
"""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.formats.documents import File, Read
from catalog.formats.options import FORMATS, Column
from catalog.reconciliation.operations import finish, plan_read
from catalog.reconciliation.queries import report
from catalog.reconciliation.queries.reading import options_of, read_files
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import DomainError

ACTOR = Actor.system("import_catalog", Door.COMMAND)


class Command(BaseCommand):
    help = "Take in what other tools know of configuration items. The same files again change nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--format", required=True, choices=FORMATS)
        parser.add_argument("--source", default="", help="its key; by default that of the format")
        parser.add_argument("--complete", action="store_true", help="what the source has no more is gone")
        parser.add_argument("--atomic", action="store_true", help="all or nothing")
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
        parser.add_argument("--change", default="", help="the change that it belongs to, such as CHG-00042")
        parser.add_argument("--cluster", default="", help="of Kubernetes: what it is called")
        parser.add_argument("--netbox-version", default="", help="such as 4.2: from 4.1 on disks count in MB")
        parser.add_argument("--endpoint", default="", help="of NetBox: what a bare list lists, such as dcim.device")
        parser.add_argument("--class", default="", dest="class_slug", help="of CSV: of rows that name no class")
        parser.add_argument("--column", action="append", default=[], metavar="HEADER=MEANING", help="of CSV")
        parser.add_argument("--delimiter", default="", help="of CSV; found out by default")
        parser.add_argument("--encoding", default="", help="of CSV; found out by default")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            said = self._read(options)
            told = _unread(said) if said.broken else _taken_in(said, options)
        except DomainError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(json.dumps(told, ensure_ascii=False))
        if told["refused"]:
            sys.exit(1)

    def _read(self, options: dict[str, Any]) -> Read:
        wanted = options_of({**options, "columns": _columns(options["column"])})
        return read_files(options["format"], _files(options["files"]), wanted, options["source"])


def _taken_in(said: Read, options: dict[str, Any]) -> dict[str, Any]:
    run = plan_read(
        said, options["format"], options["source"], actor=ACTOR, dry=options["dry_run"], complete=options["complete"],
        atomic=options["atomic"], change=options["change"],
    )  # fmt: skip
    return report(finish(run, actor=ACTOR), ACTOR)


def _unread(said: Read) -> dict[str, Any]:
    """A broken file: what is wrong with it, and that nothing came of it."""
    refused = [{"document": one.document, "reason": one.reason} for one in said.refused]
    return {"read": said.count, "created": 0, "updated": 0, "unchanged": 0, "refused": refused, "relations": 0}


def _files(paths: list[Path]) -> list[File]:
    try:
        return [File(str(path), path.read_bytes()) for path in paths]
    except OSError as error:
        raise CommandError(f"{error.filename}: {error.strerror}") from error


def _columns(said: list[str]) -> list[Column]:
    """`HEADER=MEANING`, perhaps with the unit that its cells count: `ram=field:memory_mib=GB`."""
    if wrong := [one for one in said if "=" not in one]:
        raise CommandError(f"--column takes HEADER=MEANING, not {wrong[0]}.")
    parts = [one.split("=", 2) for one in said]
    return [Column(header, becomes, "".join(unit)) for header, becomes, *unit in parts]
