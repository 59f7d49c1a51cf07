"""./manage.py sync_directory [SHORT-NAME] [--preview]: sync directories now, or say what that would change."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from itsm.directory.models import SyncRun
from itsm.directory.syncing import show, sync
from itsm.directory.vocabulary import Outcome
from itsm.identity.models import IdentityProvider
from itsm.identity.vocabulary import Protocol


class Command(BaseCommand):
    help = "Sync the directories (LDAP, Active Directory) that are trusted; --preview: only say what that would change."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", nargs="?", default="", help="the short name of one provider; else all")
        parser.add_argument("--preview", action="store_true", help="change nothing; also of one not trusted yet")

    def handle(self, *args: Any, slug: str, preview: bool, **options: Any) -> None:
        rows = IdentityProvider.objects.filter(protocol=Protocol.LDAP, withdrawn_at=None).order_by("slug")
        rows = rows.filter(slug=slug) if slug else rows
        found = list(rows if preview else rows.exclude(trusted_at=None))
        if not found:
            raise CommandError("There is no such directory that is trusted." if slug else "There is no directory.")
        odd = [provider.slug for provider in found if not self._did(provider, preview)]
        if odd:
            raise CommandError(f"Look at: {', '.join(odd)}")

    def _did(self, provider: IdentityProvider, preview: bool) -> bool:
        at = timezone.now()
        if preview:
            run: SyncRun | None = show(SyncRun.objects.create(provider=provider, preview=True, begun_at=at), at=at)
        else:
            run = sync(provider, at=at)
        if run is None:
            self.stdout.write(f"{provider.slug}: another sync is under way")
            return True
        counts = ", ".join(
            f"{name} {getattr(run, name)}" for name in ("found", "made", "changed", "left", "back", "refused", "failed")
        )
        self.stdout.write(f"{provider.slug}: {run.get_outcome_display()} ({counts}) {run.sentence}".rstrip())
        if preview:
            for line in run.lines:
                self.stdout.write(f"  {line['kind']} {line['who'] or line['subject']}")
        return run.outcome == Outcome.DONE
