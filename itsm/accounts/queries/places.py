"""Where people work, with all the places that a place lies in."""

from django.db import connection
from django.db.models import Count, Q, QuerySet

from itsm.accounts.models import Location

_ABOVE = """
WITH RECURSIVE above(parent_id, slug, depth) AS (
  SELECT parent_id, slug, 0 FROM accounts_location WHERE id = {first}
  UNION ALL
  SELECT one.parent_id, one.slug, depth + 1 FROM accounts_location one JOIN above ON one.id = above.parent_id
  WHERE depth < 50
)
SELECT slug FROM above ORDER BY depth
"""


def lies_in(location_id: int) -> list[str]:
    """The slugs of a place and of those that it lies in, from the inside out. One query."""
    return _slugs(_ABOVE.format(first="%s"), location_id)


def places_of(person_id: int) -> list[str]:
    """The same of where a person works; none where that is not known. One query."""
    return _slugs(_ABOVE.format(first="(SELECT location_id FROM accounts_user WHERE id = %s)"), person_id)


def _slugs(sql: str, given: int) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [given])
        return [slug for (slug,) in cursor.fetchall()]


def locations() -> QuerySet[Location]:
    """Every place, with what it lies in; `size` counts the active people who work right there."""
    active = Q(people__is_active=True)
    return Location.objects.select_related("parent").annotate(size=Count("people", filter=active))
