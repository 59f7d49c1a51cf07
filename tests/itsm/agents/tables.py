"""What stands in every table, as a number each: two pictures say which tables were written."""

from functools import cache

from django.db import connection


@cache
def _asked() -> str:
    names = sorted(connection.introspection.django_table_names(only_existing=True, include_views=False))
    parts = [
        f"SELECT '{name}', count(*), coalesce(sum(hashtextextended(it::text, 0)), 0)::text FROM {name} it"
        for name in names
    ]
    return " UNION ALL ".join(parts)


def picture() -> dict[str, tuple[int, str]]:
    """Table -> how many rows, and a hash of all of them in any order."""
    with connection.cursor() as cursor:
        cursor.execute(_asked())
        return {name: (count, digest) for name, count, digest in cursor.fetchall()}


def written(before: dict[str, tuple[int, str]], after: dict[str, tuple[int, str]]) -> set[str]:
    """The tables that are not as they were."""
    return {name for name, stood in after.items() if before[name] != stood}
