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

from itsm.audit import anchors
from itsm.audit.models import Entry
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
        parser.add_argument(
            "--json", action="store_true",
            help="as one document; whole: whether all was read; written_since: whether anything was written since that"
            " instant, null without one",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        outside = anchors.read(self._folder(options["anchors"]))
        at = self._instant(options["since"])
        since = anchors.since(outside, at) if at else checking.last_proven() if options["since"] else None
        seen, seconds = ahead.taken() or ahead.check(since, options["jobs"])
        began = time.monotonic()
        findings = [*seen.findings, *anchors.check(outside)]
        seconds += time.monotonic() - began
        if not options["since"] and options["anchors"] == settings.ANCHORS_DIR:
            # All of it: the pages say so from now on.
            checking.keep(seen, findings, len(outside), timezone.now(), whole=True, seconds=seconds)
        written = Entry.objects.filter(at__range=(at, timezone.now())).exists() if at else None
        if options["json"]:
            said = {
                "links": seen.links, "anchors": len(outside), "seconds": round(seconds, 2), "whole": since is None,
                "written_since": written,
                "findings": [checking.as_json(one) for one in findings],
            }  # fmt: skip
            self.stdout.write(json.dumps(said, indent=2))
        else:
            for one in findings:
                self.stdout.write(str(one))
            self.stdout.write(_in_words(len(findings), seen.links, len(outside), seconds))
            if at and not written:
                self.stdout.write(
                    f"Nothing was written since {at:%Y-%m-%d %H:%M:%S} UTC: of that time nothing is proven."
                )
            if since is not None:
                self.stdout.write("What was written before was not read: without --since all of it is.")
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

    def _instant(self, said: str) -> datetime | None:
        """Of `--since`; None where it names none. What is still to come proves nothing, and is refused."""
        if said in ("", "last"):
            return None
        try:
            at = datetime.fromisoformat(said)
            at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise CommandError(f"{said} is no instant: 2026-11-30T08:00:00Z, or last.") from error
        if at > (now := timezone.now()):
            raise CommandError(
                f"{at:%Y-%m-%d %H:%M:%S} UTC is still to come, and it is {now:%Y-%m-%d %H:%M:%S} UTC: nothing can be"
                " proven since. Say an instant that has been, with its zone where that is not UTC, or last."
            )
        return at


def _in_words(findings: int, links: int, outside: int, seconds: float) -> str:
    found = f"{findings} finding{_s(findings)}" if findings else "Proven"
    return f"{found}: {links} link{_s(links)}, {outside} anchor{_s(outside)}, {seconds:.1f} s"


def _s(number: int) -> str:
    return "" if number == 1 else "s"
