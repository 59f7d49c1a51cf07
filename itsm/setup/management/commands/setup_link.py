"""A one-time link for the first administrator: ./manage.py setup_link."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse
from django.utils import timezone

from itsm.kernel.errors import Conflict
from itsm.setup.links import LIFETIME, has_people, make_link


class Command(BaseCommand):
    help = "Print a link by which the first administrator signs up: good once, for a day, while there is none."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="say nothing where people can sign in already")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_empty"] and has_people():
            return
        try:
            _link, secret = make_link(at=timezone.now())
        except Conflict as error:
            raise CommandError(error.detail) from error
        self.stdout.write(f"{settings.BASE_URL}{reverse('setup:administrator', args=[secret])}")
        if not options["if_empty"]:
            hours = int(LIFETIME.total_seconds() // 3600)
            self.stderr.write(f"It makes one administrator, once, within {hours} hours. Earlier links have ended.")
