"""Incidents from a ServiceNow audit log: ./manage.py import_servicenow FILE[.gz] [--dry-run] [--report FILE]."""

import gzip
import io
import json
import zlib
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.management.base import BaseCommand, CommandError, CommandParser

from incidents.imports.formats.drafts import Draft
from incidents.imports.formats.servicenow import AuditLog, Unreadable
from incidents.imports.operations import Outcome, import_incidents
from itsm.kernel.actors import Actor, Door

_SAID_EVERY = 2000


class Command(BaseCommand):
    help = (
        "Bring in incidents with their history. What was brought in before is left alone, so that one that was stopped"
        " goes on. Ends with one line of JSON: rows, incidents, created, updated, unchanged, refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="CSV, or CSV in gzip (.gz)")
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
        parser.add_argument("--report", type=Path, help="write a line of JSON for each incident and refused row")
        parser.add_argument("--zone", help="where the file's clocks stood, such as Europe/Berlin; UTC where not said")

    def handle(self, *args: Any, **options: Any) -> None:
        zone = _zone(options["zone"])
        if options["zone"] is None:
            self.stderr.write("Times are read as UTC; --zone says otherwise.")
        with ExitStack() as opened:
            try:
                report = (
                    opened.enter_context(options["report"].open("w", encoding="utf-8")) if options["report"] else None
                )
                lines = opened.enter_context(_opened(options["file"]))
                outcome = self._imported(AuditLog(lines, zone), report, dry_run=options["dry_run"])
            except OSError as error:
                raise CommandError(f"{error.filename or options['file']}: {error.strerror or error}") from error
            except (Unreadable, EOFError, zlib.error) as error:
                raise CommandError(f"{options['file']} is no audit log of ServiceNow: {error}") from error
        self.stdout.write(json.dumps(asdict(outcome), ensure_ascii=False))

    def _imported(self, log: AuditLog, report: TextIO | None, *, dry_run: bool) -> Outcome:
        done = 0

        def told(draft: Draft, result: str) -> None:
            nonlocal done
            done += 1
            if done % _SAID_EVERY == 0:
                self.stderr.write(f"{done} incidents")
            if report is not None:
                said = {"row": draft.row, "number": draft.key, "result": result, "remarks": draft.remarks}
                report.write(json.dumps(said, ensure_ascii=False) + "\n")

        actor = Actor.system("ServiceNow import", Door.COMMAND)
        outcome = import_incidents(log, actor=actor, label="ServiceNow", dry_run=dry_run, told=told)
        for one in outcome.refused if report is not None else ():
            said = {"row": one.row, "result": "refused", "reason": one.reason}
            report.write(json.dumps(said, ensure_ascii=False) + "\n")  # type: ignore[union-attr]
        return outcome


def _zone(name: str | None) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CommandError(f"There is no time zone {name}.") from error


def _opened(path: Path) -> TextIO:
    """The file's text; what is not UTF-8 becomes surrogates, which the rows are refused for."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    binary = gzip.open(path) if packed else path.open("rb")  # noqa: SIM115 -- closed with the text around it
    return io.TextIOWrapper(binary, encoding="utf-8-sig", errors="surrogateescape", newline="")
