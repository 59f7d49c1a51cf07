"""What stands where: per service and environment the version that runs, and what was deployed there last."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from catalog.environments.queries import environments
from catalog.services.queries import visible_services
from changes.delivery.models import DeploymentEvent
from changes.delivery.queries.deployments import deployments
from itsm.kernel.actors import Actor

MOST_VERSIONS = 30
_NEWEST = 400
# Two rows of each place, by its index: the newest one, and the newest one that was not taken back.
_PLACES = """
SELECT s.id, n.name, newest.id, running.id
FROM unnest(%(services)s::bigint[]) s(id) CROSS JOIN unnest(%(environments)s::text[]) n(name)
CROSS JOIN LATERAL (
  SELECT e.id FROM changes_deploymentevent e
  WHERE e.service_id = s.id AND e.environment = n.name AND e.same_as_id IS NULL
  ORDER BY e.started_at DESC, e.id DESC LIMIT 1
) newest
LEFT JOIN LATERAL (
  SELECT e.id FROM changes_deploymentevent e
  WHERE e.service_id = s.id AND e.environment = n.name AND e.same_as_id IS NULL AND e.result = 'succeeded'
  ORDER BY e.started_at DESC, e.id DESC LIMIT 1
) running ON true
"""


class Place(NamedTuple):
    """`newest`: what was deployed there last, however it ended; `running`: what runs there, None where nobody knows."""

    newest: DeploymentEvent
    running: DeploymentEvent | None


class Version(NamedTuple):
    """One version of a service; `at`: where it was deployed last, by environment."""

    name: str
    commit: str
    since: datetime
    at: dict[str, DeploymentEvent]


class Matrix(NamedTuple):
    """Version by environment: `environments` in the order of the register; `running`: ids of what runs now."""

    environments: list[str]
    versions: list[Version]
    running: frozenset[int]


def services_deployed(actor: Actor, found_by: str = "") -> QuerySet:  # type: ignore[type-arg] # catalog's model
    """The services of which any deployment was told, by name; `found_by`: part of their name or slug."""
    told = DeploymentEvent.objects.filter(service=OuterRef("pk"))
    rows = visible_services(actor).filter(Exists(told))
    if found_by:
        rows = rows.filter(name__icontains=found_by) | rows.filter(slug__icontains=found_by)
    return rows


def places(services: Sequence[int], names: Sequence[str]) -> dict[tuple[int, str], Place]:
    """What stands where, by service and environment. Two queries."""
    with connection.cursor() as cursor:
        cursor.execute(_PLACES, {"services": list(services), "environments": list(names)})
        found = cursor.fetchall()
    numbers = {number for row in found for number in row[2:] if number is not None}
    events = DeploymentEvent.objects.select_related("change", "person").in_bulk(numbers)
    return {(service, name): Place(events[newest], events.get(running)) for service, name, newest, running in found}


def matrix(actor: Actor, service_id: int) -> Matrix:
    """Of the newest deployments of a service its versions, the newest first. Five queries."""
    known = [one.name for one in environments()]
    found = list(deployments(actor).filter(service=service_id).select_related("change__cost")[:_NEWEST])
    known += sorted({one.environment for one in found}.difference(known))
    versions: dict[str, Version] = {}
    for one in found:  # the newest first
        name = called(one)
        if name not in versions and len(versions) == MOST_VERSIONS:
            continue
        version = versions.setdefault(name, Version(name, one.commit, one.started_at, {}))
        version.at.setdefault(one.environment, one)
    shown = [name for name in known if any(name in version.at for version in versions.values())]
    standing = places([service_id], shown)
    return Matrix(
        shown, list(versions.values()), frozenset(place.running.pk for place in standing.values() if place.running)
    )


def called(event: DeploymentEvent) -> str:
    """What people call it: its version, else its commit or artifact, shortened."""
    digest = event.artifact_digest.rpartition(":")[2]
    return event.version or event.commit[:12] or digest[:12] or event.external_id[:40]
