"""The report: the five measures of a service in a period, and of each part of it."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from changes.dora.queries.facts import deployments
from changes.dora.queries.lead_times import lead_times
from changes.dora.rules import DAY, Figures, by_part, figures
from itsm.kernel.actors import Actor


class Part(NamedTuple):
    """One part of the period: [since, until)."""

    since: datetime
    until: datetime
    figures: Figures


class Report(NamedTuple):
    """The whole period and its parts, the oldest first."""

    total: Figures
    parts: list[Part]


def dora(actor: Actor, service_id: int, edges: Sequence[datetime]) -> Report:
    """Of the deployments to production that ended between the first edge and the last, as the actor may know them.

    A dozen queries, whatever their number.
    """
    those = deployments(actor, service_id, edges[0], edges[-1])
    lead, leads = lead_times(service_id, edges)
    instants = [edge.timestamp() for edge in edges]
    spans = list(pairwise(edges))
    parts = [
        Part(since, until, figures(part, spread, (until - since).total_seconds() / DAY))
        for (since, until), part, spread in zip(spans, by_part(those, instants), leads, strict=True)
    ]
    return Report(figures(those, lead, (instants[-1] - instants[0]) / DAY), parts)
