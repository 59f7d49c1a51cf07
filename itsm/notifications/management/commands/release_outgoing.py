"""Let deliveries leave again after a restore."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import DomainError
from itsm.notifications import outbox, quarantine


class Command(BaseCommand):
    help = "After a restore: release the outgoing mail and webhooks that are held. Audited."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            waiting = quarantine.release(timezone.now(), actor=Actor.system("release_outgoing", Door.COMMAND))
        except DomainError as error:
            raise CommandError(error.detail) from error
        outbox.nudge()
        self.stdout.write(f"Released; {waiting} deliveries are owed and leave now.")
