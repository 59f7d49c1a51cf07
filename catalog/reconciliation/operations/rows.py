"""One column of many rows in one statement, where composing a CASE for each would take longer than writing them."""

from collections.abc import Mapping

from django.db import connection, models


def point(model: type[models.Model], column: str, to: Mapping[int, int | None]) -> None:
    """Row -> the row that its `column` (a foreign key's) points to now."""
    if not to:
        return
    table, named = connection.ops.quote_name(model._meta.db_table), connection.ops.quote_name(column)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} t SET {named} = v.target "  # noqa: S608 - names of our own tables
            "FROM unnest(%s::bigint[], %s::bigint[]) AS v(id, target) WHERE t.id = v.id",
            [list(to.keys()), list(to.values())],
        )


def conclude(documents: Mapping[int, tuple[str, str, bool, int | None]], *, keep: bool = False) -> None:
    """Document of a run -> (outcome, reason, held, item): what became of it. Its content goes, unless it is kept."""
    if not documents:
        return
    outcomes, reasons, held, items = zip(*documents.values(), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE catalog_rundocument t SET outcome = v.outcome, reason = v.reason, held = v.held, ci_id = v.item,"
            " document = CASE WHEN %s THEN t.document END"
            " FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bool[], %s::bigint[])"
            " AS v(id, outcome, reason, held, item)"
            " WHERE t.id = v.id",
            [keep, list(documents), list(map(str, outcomes)), list(reasons), list(held), list(items)],
        )
