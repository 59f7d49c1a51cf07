"""Which services a scope names: what its parts have in common."""

from collections.abc import Collection, Iterable

from django.db import connection

from catalog.services.queries import every_service

_DEPENDENTS = """
WITH RECURSIVE downstream(id) AS (
  SELECT unnest(%(services)s::bigint[])
  UNION
  SELECT a.consumer_id FROM catalog_arrow a JOIN downstream d ON a.provider_id = d.id
)
SELECT id FROM downstream
"""


def services_in_scope(
    services: Collection[int], *, with_dependents: bool, tiers: Collection[int], teams: Collection[int]
) -> list[int]:
    """Ids of the services that are meant; of what is empty, all. As `in_scope.sql`, asked the other way round."""
    meant = every_service().order_by("pk")
    if services:
        meant = meant.filter(pk__in=_and_dependents(services) if with_dependents else services)
    if tiers:
        meant = meant.filter(tier__in=tiers)
    if teams:
        meant = meant.filter(team__in=teams)
    return list(meant.values_list("pk", flat=True))


def _and_dependents(services: Iterable[int]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_DEPENDENTS, {"services": list(services)})
        return [pk for (pk,) in cursor.fetchall()]
