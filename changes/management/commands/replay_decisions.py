"""Every stored decision, decided again from its stored evidence and policy.

Promise: the same verdict and the same hashes for every one, and what differs is named. Reads only,
a few decisions in memory at a time.
"""

import json
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from changes.change.models import Decision
from changes.change.queries.replaying import differences

AT_A_TIME = 100
MAX_NAMED = 1000


class Command(BaseCommand):
    help = "Decide every stored decision again; exit 0 when each gives the same verdict and the same hashes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--limit", type=int, metavar="N", help="only the newest N decisions")

    def handle(self, *args: Any, **options: Any) -> None:
        replayed, different = 0, list[int]()
        for decision in _stored(options["limit"]):
            replayed += 1
            if differing := ", ".join(differences(decision)):
                different.append(decision.pk)
                self.stderr.write(f"{decision.reference} differs in its {differing}")
        same = replayed - len(different)
        self.stdout.write(json.dumps({"replayed": replayed, "same": same, "different": different[:MAX_NAMED]}))
        if different:
            raise CommandError(f"{len(different)} of {replayed} decisions do not replay.")


def _stored(limit: int | None) -> Iterator[Decision]:
    decisions = Decision.objects.select_related(None).order_by("-id")
    return (decisions if limit is None else decisions[: max(0, limit)]).iterator(chunk_size=AT_A_TIME)
