"""What may have caused it: changes that ran on its service, or on what it depends on, shortly before the harm began."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from catalog.services.queries import providers_of
from incidents.major.models import Major
from itsm.kernel.actors import Actor

LOOKS_BACK = timedelta(hours=24)
MOST = 12


class Suspect(NamedTuple):
    """Something that began at `at`; `on`: on which service."""

    reference: str
    title: str
    at: datetime
    on: str
    url: str


Gather = Callable[[Collection[int], datetime, datetime, Actor], Iterable[Suspect]]
_sources: list[Gather] = []


def suspects_come_from(gather: Gather) -> None:
    """`gather(service_ids, since, until, actor)` says what began there, as far as the actor may see it. Called in
    `ready()` of what lies above."""
    if gather not in _sources:
        _sources.append(gather)


def suspects_of(major: Major, actor: Actor, now: datetime) -> list[Suspect]:
    """What began in the day before the harm did, and since, the nearest to its beginning first."""
    service = major.incident.service_id
    if service is None or not _sources:
        return []
    began = major.started_at or major.incident.opened_at
    services = {service, *providers_of(service)}
    found = [one for gather in _sources for one in gather(services, began - LOOKS_BACK, now, actor)]
    return sorted(found, key=lambda one: (one.at > began, abs(one.at - began)))[:MOST]
