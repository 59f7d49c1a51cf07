"""Take what the rules of retention take, or only say what that would be."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from itsm.kernel.errors import DomainError
from itsm.retention import queries
from itsm.retention.models import RetentionRule
from itsm.retention.purging import run
from itsm.work.retention import offered


class Command(BaseCommand):
    help = (
        "Purge what the rules of retention that are switched on take. One line of JSON: by rule, what went or would go."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="change nothing; rules that are off are counted too")
        parser.add_argument(
            "--export", metavar="FILE", help="write records of rules that say “export first” here before they go"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        rules = RetentionRule.objects.filter(record_kind__in=list(offered()))
        if options["dry_run"]:
            said = [_would(rule) for rule in rules]
        else:
            said = [_did(rule, options["export"]) for rule in rules.filter(active=True)]
        self.stdout.write(json.dumps({"dry_run": options["dry_run"], "rules": said}))


def _named(rule: RetentionRule) -> dict[str, Any]:
    return {"rule": rule.pk, "kind": rule.record_kind, "category": rule.category_words, "months": rule.months}


def _would(rule: RetentionRule) -> dict[str, Any]:
    found = queries.preview(rule, timezone.now())
    return {**_named(rule), "active": rule.active, "would_go": found.goes, "kept_by_legal_hold": found.held}


def _did(rule: RetentionRule, export: str | None) -> dict[str, Any]:
    if not rule.export_first:
        return {**_named(rule), "gone": run(rule, timezone.now())}
    if not export:
        return {**_named(rule), "gone": 0, "waits_for": "--export FILE"}
    try:
        with Path(export).open("a", encoding="utf-8") as into:
            return {**_named(rule), "gone": run(rule, timezone.now(), into=into), "exported": export}
    except (OSError, DomainError) as error:
        raise CommandError(str(error)) from error
