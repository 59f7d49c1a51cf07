"""Runs of a sync name people by what the directory calls them, for thirty days: that goes with who is erased."""

from collections.abc import Iterator

from itsm.accounts.models import User
from itsm.directory.models import SyncRun
from itsm.identity.models import ExternalIdentity


def count(person: User) -> int:
    """How many runs name them."""
    return len(list(_naming(person)))


def forget(person: User) -> int:
    """Their lines go; how many people a run was about stays."""
    runs = list(_naming(person))
    for run, subject in runs:
        run.lines = [line for line in run.lines if line.get("subject") != subject]
        run.save(update_fields=["lines"])
    return len(runs)


def _naming(person: User) -> Iterator[tuple[SyncRun, str]]:
    for known in ExternalIdentity.objects.filter(user=person):
        rows = SyncRun.objects.filter(provider=known.provider_id, lines__contains=[{"subject": known.subject}])
        for run in rows.order_by("pk"):
            yield run, known.subject
