"""Completeness of a period: of the production deployments that were told, how many had their authorisation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet

from catalog.environments.queries import production_names
from changes.delivery.models import DeploymentEvent
from changes.delivery.vocabulary import Standing
from itsm.kernel.actors import Actor

# What was allowed in shadow needed none: it is told apart, and counts for neither side.
JUDGED = (Standing.AUTHORISED, Standing.WITHDRAWN, Standing.UNAUTHORISED, Standing.BLIND)
GOOD = (Standing.AUTHORISED, Standing.WITHDRAWN)
MOST = 200


@dataclass(frozen=True, slots=True)
class Completeness:
    """`counts`: of each standing, each deployment once. `unauthorised`, `blind`: the newest of each. `parked`: what
    could not be looked at, with why."""

    counts: Mapping[str, int]
    unauthorised: tuple[DeploymentEvent, ...] = ()
    blind: tuple[DeploymentEvent, ...] = ()
    parked: tuple[DeploymentEvent, ...] = ()

    @property
    def judged(self) -> int:
        """Those that are past their five minutes and needed an authorisation."""
        return sum(self.counts.get(one.value, 0) for one in JUDGED)

    @property
    def good(self) -> int:
        """How many of those judged had one."""
        return sum(self.counts.get(one.value, 0) for one in GOOD)

    @property
    def share(self) -> float | None:
        """Of those judged, had one; None where there are none."""
        return self.good / self.judged if self.judged else None


def told_in(actor: Actor, since: datetime, until: datetime, slug: str = "") -> QuerySet[DeploymentEvent]:
    """The production deployments that began in [since, until), each once."""
    rows = DeploymentEvent.objects.visible_to(actor).told_once()
    rows = rows.filter(started_at__gte=since, started_at__lt=until, environment__in=production_names())
    return rows.filter(service__slug=slug) if slug else rows


def completeness(actor: Actor, since: datetime, until: datetime, slug: str = "") -> Completeness:
    """Four queries."""
    rows = told_in(actor, since, until, slug)
    counts = dict(rows.order_by().values_list("standing").annotate(Count("pk")))
    return Completeness(
        counts,
        tuple(_listed(rows, Standing.UNAUTHORISED)),
        tuple(_listed(rows, Standing.BLIND)),
        tuple(rows.exclude(trouble="").select_related("service").order_by("-told_at")[:MOST]),
    )


def _listed(rows: QuerySet[DeploymentEvent], standing: Standing) -> QuerySet[DeploymentEvent]:
    found = rows.filter(standing=standing).select_related("service", "change", "person")
    return found.order_by("-started_at", "-id")[:MOST]
