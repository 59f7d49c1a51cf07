"""Write the search index anew: after an upgrade that reads records otherwise, or when it is doubted."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from itsm.search.index import reindex, tidy_words
from itsm.search.offers import offered


class Command(BaseCommand):
    help = "Write the search index anew, of all records or of one kind. Safe while people work."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--kind", action="append", default=[], help="one kind of records, such as incident")

    def handle(self, *args: Any, **options: Any) -> None:
        models = {str(model.kind): model for model in offered()}  # type: ignore[attr-defined]
        unknown = sorted(set(options["kind"]) - set(models))
        if unknown:
            raise CommandError(f"No records of the kind {', '.join(unknown)}; known are {', '.join(sorted(models))}.")
        for kind in options["kind"] or sorted(models):
            self.stdout.write(f"{kind}: {reindex(models[kind])}")
        tidy_words()
