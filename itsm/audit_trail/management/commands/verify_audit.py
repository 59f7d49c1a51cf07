"""Prove the history, or name the place of what is wrong with it."""

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from itsm.audit import anchors, verifying
from itsm.audit_trail import ahead, checking


class Command(BaseCommand):
    help = "Hold each entry of the audit against its chain, and that against the anchors. Exit code 1: not proven."
    requires_system_checks = ()  # they read every page's code: a second more than the history takes

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--anchors", metavar="DIR", default=settings.ANCHORS_DIR, help="where the anchors lie")
        parser.add_argument(
            "--since", metavar="WHEN", default="",
            help="only what came after the anchor of that instant (ISO 8601), or after the last kept check (last)",
        )  # fmt: skip
        parser.add_argument("--jobs", type=int, help="connections at once; as many as there are cores")
        parser.add_argument("--json", action="store_true", help="as one document")

    def handle(self, *args: Any, **options: Any) -> None:
        outside = anchors.read(self._folder(options["anchors"]))
        seen, seconds = ahead.taken() or ahead.check(self._since(options["since"], outside), options["jobs"])
        began = time.monotonic()
        findings = [*seen.findings, *anchors.check(outside)]
        seconds += time.monotonic() - began
        if not options["since"] and options["anchors"] == settings.ANCHORS_DIR:
            # All of it: the pages say so from now on.
            checking.keep(seen, findings, len(outside), timezone.now(), whole=True, seconds=seconds)
        if options["json"]:
            told = [checking.as_json(one) for one in findings]
            said = {"links": seen.links, "anchors": len(outside), "seconds": round(seconds, 2), "findings": told}
            self.stdout.write(json.dumps(said, indent=2))
        else:
            for one in findings:
                self.stdout.write(str(one))
            words = f"{len(findings)} findings" if findings else "Proven"
            self.stdout.write(f"{words}: {seen.links} links, {len(outside)} anchors, {seconds:.1f} s")
            if not outside:
                self.stdout.write("Nothing lies outside: a history that was rewritten as a whole would not show.")
        if findings:
            sys.exit(1)

    def _folder(self, said: str) -> Path:
        """Where anchors lie; one that somebody names is there. Our own is made with the first anchor."""
        folder = Path(said)
        if said != settings.ANCHORS_DIR and not folder.is_dir():
            raise CommandError(f"There is no folder {said}: name where the anchors were copied to.")
        return folder

    def _since(self, said: str, outside: list[anchors.Said]) -> verifying.Since | None:
        if not said:
            return None
        if said == "last":
            return checking.last_proven()
        try:
            at = datetime.fromisoformat(said)
        except ValueError as error:
            raise CommandError(f"{said} is no instant: 2026-11-30T08:00:00Z, or last.") from error
        return anchors.since(outside, at if at.tzinfo else at.replace(tzinfo=UTC))
