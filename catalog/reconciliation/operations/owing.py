"""Items are to be worked out anew, since a source has another rank or another patience."""

from datetime import datetime

from django.utils import timezone

from catalog.reconciliation.models import Renewal, Source, SourceRecord


def owe_renewal(source: Source, *, at: datetime | None = None) -> Renewal:
    """Let every item of which the source speaks be worked out anew, in the caller's transaction; what is under way
    begins again.

    The row is what is owed; workers look for it every few seconds. The night works out everything all the same. Raises
    nothing.
    """
    total = SourceRecord.objects.filter(source=source, ci__isnull=False).values("ci").distinct().count()
    begun = {"through": 0, "done": 0, "total": total, "asked_at": at or timezone.now(), "ended_at": None}
    return Renewal.objects.update_or_create(source=source, defaults=begun)[0]
