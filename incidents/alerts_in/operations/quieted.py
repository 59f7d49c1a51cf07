"""Alerts that a change keeps quiet: noted with it, and loud once it is over."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F

from incidents.alerts_in.models import AlertOccurrence, Quiet
from incidents.alerts_in.rules.quieting import Hush
from incidents.alerts_in.vocabulary import OccurrenceStatus, QuietStatus


def without_quieted(alerts: Sequence[AlertOccurrence], *, at: datetime) -> list[AlertOccurrence]:
    """Those that no quiet holds; the others are noted as quieted. In the caller's transaction. Raises nothing."""
    if not alerts:
        return []
    active = list(Quiet.objects.filter(status=QuietStatus.ACTIVE, ends_at__gt=at).order_by("pk"))
    loud = []
    for one in alerts:
        held = next(
            (quiet for quiet in active if hush_of(quiet).covers(one.service_id, one.environment, one.labels)), None
        )
        if held is None or one.incident_id is not None:
            loud.append(one)
            continue
        one.status, one.quiet = OccurrenceStatus.QUIETED, held
        one.save(update_fields=["status", "quiet"])
        Quiet.objects.filter(pk=held.pk).update(hidden=F("hidden") + 1)
    return loud


def hush_of(quiet: Quiet) -> Hush:
    """The quiet as a rule."""
    return Hush(frozenset(quiet.services), quiet.environment, {one["name"]: one["value"] for one in quiet.matchers})
