"""What services depend on: the hard arrows between two of them, whichever relation they come from."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True, slots=True)
class Dependency:
    """A service (`service_id`) depends on another. In a `redundancy` group, `needs` of the services in it are enough.

    `relations`: those of the two items that say so (ids).
    """

    relations: tuple[int, ...]
    service_id: int
    on_id: int
    on_slug: str
    on_name: str
    redundancy: str
    needs: int


# A share is said as the number of services that it comes to; what else a group holds is shown with the item.
_STANDING = """
SELECT a.relation_id, a.consumer_id, a.provider_id, p.slug, p.name, coalesce(g.name, ''),
       CASE WHEN g.id IS NULL THEN 1
            ELSE least(coalesce(g.needs, ceil(g.needs_share * count(*) OVER members / 100.0)), count(*) OVER members)
       END
FROM catalog_arrow a
JOIN catalog_service c ON c.id = a.consumer_id
JOIN catalog_service p ON p.id = a.provider_id
LEFT JOIN catalog_group g ON g.id = a.group_id
WHERE a.strength = 'hard' AND a.consumer_id = ANY (%s)
WINDOW members AS (PARTITION BY a.consumer_id, a.group_id)
ORDER BY a.relation_id
"""


def dependencies_of(services: Collection[int]) -> Mapping[int, Sequence[Dependency]]:
    """Of each of these services (ids) what it depends on directly, oldest first; empty where nothing.

    One query, none where there are no services.
    """
    found: dict[tuple[int, int, str], Dependency] = {}
    if services:
        with connection.cursor() as cursor:
            cursor.execute(_STANDING, [list(services)])
            for relation, service, on, slug, name, group, needs in cursor.fetchall():
                said = found.get((service, on, group))
                relations = (*(said.relations if said else ()), relation)
                found[service, on, group] = Dependency(relations, service, on, slug, name, group, int(needs))
    of: dict[int, list[Dependency]] = {one: [] for one in services}
    for (service, *_on), one in found.items():
        of[service].append(one)
    return of


def is_relied_on(service_id: int) -> bool:
    """Whether another service depends on this one directly. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM catalog_arrow a JOIN catalog_service c ON c.id = a.consumer_id"
            " WHERE a.provider_id = %s AND a.strength = 'hard')",
            [service_id],
        )
        (relied_on,) = cursor.fetchone()
    return bool(relied_on)
