"""What pages show of alerts beside their rows."""

from django.db.models import Count, Q, QuerySet

from catalog.services.queries import every_service
from incidents.alerts_in.models import AlertOccurrence, Quiet
from incidents.alerts_in.queries import stream
from incidents.alerts_in.vocabulary import OccurrenceStatus
from itsm.kernel.actors import Actor


def of_tab(rows: QuerySet[AlertOccurrence], tab: str) -> QuerySet[AlertOccurrence]:
    """`now`: what has not ended and is heard; `quieted`: what a quiet keeps; `all`: everything."""
    if tab == "now":
        return rows.filter(ended_at=None).exclude(status=OccurrenceStatus.QUIETED)
    if tab == "quieted":
        return rows.filter(quiet__isnull=False)
    return rows


def counts(actor: Actor) -> dict[str, int]:
    """How many fire, how many are kept quiet now, how many bodies are parked. Two queries."""
    open_ones = stream.alerts(actor).filter(ended_at=None).order_by()
    quieted = Q(status=OccurrenceStatus.QUIETED)
    found = open_ones.aggregate(now=Count("pk", filter=~quieted), quieted=Count("pk", filter=quieted))
    return {**found, "parked": stream.parked(actor).order_by()[:100].count()}


def services_of(quiet: Quiet) -> list[str]:
    """Their names. One query."""
    return list(every_service().filter(pk__in=quiet.services).order_by("name").values_list("name", flat=True))
