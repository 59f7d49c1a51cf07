"""`./manage.py export_status --to DIR | --put URL`: a copy of the public status pages for another host."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from itsm.notifications.outgoing import OutgoingFailed, OutgoingRefused
from itsm.statuspage import exporting


class Command(BaseCommand):
    help = "Export the public status pages as static files: into a folder, or by PUT below an address."

    def add_arguments(self, parser: CommandParser) -> None:
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--to", type=Path, metavar="DIR", help="a folder that another web server serves")
        where.add_argument("--put", metavar="URL", help="an address below which files are put (WebDAV, a bucket)")
        parser.add_argument("--credential", default="", help="with --put: the name of a token in HEADROOM_SECRETS_DIR")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = (
                exporting.to_folder(options["to"])
                if options["to"]
                else exporting.to_address(options["put"], options["credential"])
            )
        except (OSError, OutgoingFailed, OutgoingRefused) as error:
            raise CommandError(f"Not exported: {error}") from error
        self.stdout.write(f"{count} files")
