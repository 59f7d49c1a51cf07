"""Reads of the catalog, shaped for pages, the API and the gate."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, QuerySet
from django.utils.translation import gettext

from catalog.services.models import Dependency, Service
from itsm.accounts.duties import Duty
from itsm.accounts.models import Membership, Team, User
from itsm.fields.references import Reference
from itsm.kernel.actors import Actor
from itsm.prepared import Prepared
from itsm.search import offers

REACH_DEPTH = 5

# Every arrow of the services that may be reached: what they depend on decides whether redundancy saves them.
_ARROWS_ABOVE = Prepared(
    "arrows_above",
    """
WITH RECURSIVE above(id, depth) AS (
  SELECT unnest(%(changed)s::bigint[]), 0
  UNION
  SELECT arrow.service_id, above.depth + 1
  FROM above JOIN catalog_dependency arrow ON arrow.on_id = above.id WHERE above.depth < %(depth)s
)
SELECT arrow.service_id, arrow.on_id, arrow.redundancy, arrow.needs
FROM catalog_dependency arrow WHERE arrow.service_id IN (SELECT id FROM above)
""",
    changed="bigint[]",
    depth="int",
)


def as_found(service: Service) -> offers.Entry:
    """How a service is found: by everybody, with the records that are about it."""
    return offers.Entry(
        service.name,
        f"/services/{service.slug}/",
        f"{service.slug} {service.description}",
        audience=(offers.ALL,),
        about=offers.team(service.team_id),
    )


@dataclass(frozen=True, slots=True)
class Reached:
    """A service that a change reaches through others. `path` leads from it to the changed one."""

    service_id: int
    depth: int
    path: tuple[int, ...]


def visible_services(actor: Actor) -> QuerySet[Service]:
    """The services that this actor may see, by name, as they are stored."""
    return Service.objects.visible_to(actor)


# A field may point to a service that its writer sees.
CHOOSABLE = Reference(lambda actor, rules: visible_services(actor).order_by("name"), visible_services, "slug")


def every_service() -> QuerySet[Service]:
    """All services, whoever asks: for what holds of them all."""
    return Service.objects.all()


def with_teams(ids: Collection[int]) -> dict[int, Service]:
    """The services of these ids, each with its team. One query, none where there are no ids."""
    return {one.pk: one for one in Service.objects.filter(pk__in=ids).select_related("team")} if ids else {}


def names_of(slugs: Collection[str]) -> dict[str, str]:
    """Slug -> name, of those that are still there. One query."""
    return dict(Service.objects.filter(slug__in=slugs).values_list("slug", "name"))


def arrows_among(slugs: Collection[str]) -> list[tuple[str, str]]:
    """(slug, slug of what it depends on) where both are among these. One query."""
    arrows = Dependency.objects.filter(service__slug__in=slugs, on__slug__in=slugs)
    return list(arrows.values_list("service__slug", "on__slug"))


def providers_of(service_id: int) -> list[int]:
    """The services that this one depends on, directly."""
    return list(Dependency.objects.filter(service=service_id).values_list("on_id", flat=True))


def listed(actor: Actor) -> QuerySet[Service]:
    """The services that this actor may see, with team and owner, and the number of their dependencies."""
    return (
        Service.objects.visible_to(actor)
        .select_related("team", "owner")
        .annotate(dependency_count=Count("dependencies", distinct=True))
    )


def detailed(actor: Actor) -> QuerySet[Service]:
    """The services that this actor may see, with team, owner, and the dependencies of both directions."""
    return (
        Service.objects.visible_to(actor)
        .select_related("team", "owner")
        .prefetch_related("dependencies__on", "dependents__service")
    )


def owned_by(team: Team) -> list[Duty]:
    """Services of a team, for who wants to merge or retire it."""
    return [_as_duty(one, gettext("stays with a retired team")) for one in team.services.order_by("slug")]


def left_alone_by(person: User) -> list[Duty]:
    """Services in whose team nobody active would be left."""
    others = Membership.objects.filter(user__is_active=True, user__account_type=User.AccountType.HUMAN).exclude(
        user=person
    )
    services = Service.objects.filter(team__memberships__user=person).exclude(team__in=others.values("team"))
    return [_as_duty(one, gettext("has nobody left in its team")) for one in services.order_by("slug")]


def _as_duty(service: Service, otherwise: str) -> Duty:
    return Duty(gettext("service"), service.slug, service.name, service.get_absolute_url(), otherwise)


def reached_from(changed: Collection[int], depth: int = REACH_DEPTH) -> list[Reached]:
    """Services that depend on the changed ones, directly or through others; one query, loops are safe.

    A redundancy group is reached only when fewer members than it needs stay untouched.
    """
    with connection.cursor() as cursor:
        _ARROWS_ABOVE.run(cursor, {"changed": list(changed), "depth": depth})
        return _spread(set(changed), cursor.fetchall(), depth)


_BELOW = """
WITH RECURSIVE below(id, depth) AS (
  SELECT unnest(%(services)s::bigint[]), 0
  UNION
  SELECT arrow.on_id, below.depth + 1
  FROM below JOIN catalog_dependency arrow ON arrow.service_id = below.id WHERE below.depth < %(depth)s
)
SELECT DISTINCT id FROM below ORDER BY id
"""


def read_by_changes_of(services: Collection[int], depth: int = REACH_DEPTH) -> list[int]:
    """The services whose changes are judged by these as well: themselves, and what they depend on. One query.

    Redundancy is left out of account: who might be judged by it counts.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BELOW, {"services": list(services), "depth": depth})
        return [service_id for (service_id,) in cursor.fetchall()]


def _spread(changed: set[int], arrows: list[tuple[int, int, str, int]], depth: int) -> list[Reached]:
    groups: dict[tuple[int, str], list[tuple[int, int]]] = defaultdict(list)
    dependents: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for service, provider, redundancy, needs in arrows:
        groups[service, redundancy].append((provider, needs))
        dependents[provider].append((service, redundancy))
    paths: dict[int, tuple[int, ...]] = dict.fromkeys(changed, ())
    edge = set(changed)
    for _ in range(depth):
        fresh: dict[int, tuple[int, ...]] = {}
        for provider in sorted(edge):
            for service, redundancy in dependents[provider]:
                if service not in paths and _breaks(groups[service, redundancy], redundancy, paths):
                    fresh.setdefault(service, (provider, *paths[provider]))
        paths.update(fresh)
        edge = set(fresh)
    return [Reached(service, len(path), path) for service, path in paths.items() if path]


def _breaks(group: list[tuple[int, int]], redundancy: str, touched: Mapping[int, object]) -> bool:
    """Whether losing the touched members leaves the group below what it needs."""
    if not redundancy:
        return True
    untouched = sum(1 for provider, _ in group if provider not in touched)
    return untouched < max(needs for _, needs in group)
