"""Indicators and sources for lists and records, scoped to the actor."""

from django.db.models import Prefetch, QuerySet

from itsm.kernel.actors import Actor
from slo.measuring.models import DataSource, Indicator, Measurer


def indicators(actor: Actor) -> QuerySet[Indicator]:
    found = Indicator.objects.visible_to(actor).select_related("data_source", "check_made")
    return found.prefetch_related(measurers_of("measurers"))


def sources(actor: Actor) -> QuerySet[DataSource]:
    return DataSource.objects.visible_to(actor)


def measurers_of(path: str) -> "Prefetch[str, QuerySet[Measurer], str]":
    return Prefetch(path, Measurer.objects.select_related("account"))
