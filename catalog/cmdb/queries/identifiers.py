"""Whom identifiers name."""

from collections.abc import Collection

from django.db import connection

# Asked by pairs, so that the index of schemes and values answers: by values alone each batch of an import read the
# whole table, a value at a time.
_NAMED = """
SELECT one.scheme, one.value, one.ci_id, item.merged_into_id IS NULL
FROM unnest(%s::text[], %s::text[]) AS asked (scheme, value)
JOIN catalog_identifier one ON one.scheme = asked.scheme AND one.value = asked.value AND NOT one.contested
JOIN catalog_ci item ON item.id = one.ci_id
"""


def named_by(pairs: Collection[tuple[str, str]], *, living: bool = False) -> dict[tuple[str, str], int]:
    """(scheme, value) -> the item that it names alone. `living`: none that lives on in another. One query."""
    if not pairs:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_NAMED, [[scheme for scheme, _ in pairs], [value for _, value in pairs]])
        return {(scheme, value): item for scheme, value, item, lives in cursor.fetchall() if lives or not living}
