"""Indicators and sources for lists and records, scoped to the actor."""

from django.db.models import Prefetch, QuerySet

from itsm.kernel.actors import Actor
from slo.measuring.models import DataSource, Indicator, Measurer


def indicators(actor: Actor) -> QuerySet[Indicator]:
    """The indicators that this actor may see, with source, check and measurers."""
    found = Indicator.objects.visible_to(actor).select_related("data_source", "check_made")
    return found.prefetch_related(measurers_of("measurers"))


def sources(actor: Actor) -> QuerySet[DataSource]:
    """The data sources that this actor may see."""
    return DataSource.objects.visible_to(actor)


def measurers_of(path: str) -> "Prefetch[str, QuerySet[Measurer], str]":
    """A prefetch of the measurers at this path, each with its account."""
    return Prefetch(path, Measurer.objects.select_related("account"))
