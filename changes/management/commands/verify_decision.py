"""A signed statement about a decision, verified without asking anybody: no database, no network.

Promise: exit 0 only for what one of the keys signed, unaltered, and with `--digest` only where it lets that very
artifact go. Everything else is an exit 1 with one sentence why.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from changes.statements.formats.statement import read, require_for
from itsm.signing import keys
from itsm.signing.dsse import Unproven, key_set, keys_of, opened

_LARGEST = 2_000_000


class Command(BaseCommand):
    help = "Verify a decision that was fetched from /api/v1/gate-evaluations/{id}/statement/; exit 0 when it is proven."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="the statement; - reads it from standard input")
        parser.add_argument("--digest", metavar="D", help="the artifact that it is to let go, such as sha256:...")
        parser.add_argument(
            "--keys", metavar="FILE", help="a saved /.well-known/headroom-signing-keys.json; without it this desk's own"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            known = keys_of(json.loads(_bytes(options["keys"])) if options["keys"] else key_set(*keys.public_keys()))
            document = read(opened(_bytes(options["file"]), known))
            if options["digest"]:
                require_for(document, options["digest"], at=datetime.now(UTC))
        except (OSError, ValueError) as error:
            said = error if isinstance(error, Unproven | OSError) else "This is no set of public keys."
            raise CommandError(f"Not proven: {said}") from error
        self.stdout.write(json.dumps({"subject": document["subject"], **document["predicate"]}, indent=2))


def _bytes(name: str) -> bytes:
    """At most so much: whatever is larger is none of ours."""
    if name == "-":
        return sys.stdin.buffer.read(_LARGEST)
    with Path(name).open("rb") as file:
        return file.read(_LARGEST)
