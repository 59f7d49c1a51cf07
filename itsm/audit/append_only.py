"""Tables that only grow: the database refuses UPDATE, DELETE and TRUNCATE, whoever asks, but for masks of names.

A model says `triggers = append_only.KEPT` in its Meta; `grant_application_rights` leaves the application's role
without the rights as a second wall.
"""

import pgtrigger
from django.apps import apps

from itsm.audit.triggers import Guard, declared_by

_REFUSED = (
    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';"
)


class _Kept(Guard):
    when = pgtrigger.Before
    func = _REFUSED


# The names of somebody who is erased become masks (`sql/masking.sql`); whatever else an update would change, it is
# refused. Only `erasure_mask` may try: the application has no right to update these tables.
ROWS_ARE_KEPT = _Kept(
    name="rows_are_kept",
    operation=pgtrigger.Update | pgtrigger.Delete,
    func=f"""
    IF TG_OP = 'UPDATE' THEN
      IF audit_only_masks(to_jsonb(OLD), to_jsonb(NEW)) THEN
        RETURN NEW;
      END IF;
    END IF;
    {_REFUSED}
    """,
)
# Of a link only the salt goes, when the names that it was mixed with have gone from the entry.
LINKS_ARE_KEPT = _Kept(
    name="links_are_kept",
    operation=pgtrigger.Update | pgtrigger.Delete,
    func=f"""
    IF TG_OP = 'UPDATE' THEN
      IF NEW.salt IS NULL AND to_jsonb(OLD) - 'salt' = to_jsonb(NEW) - 'salt' THEN
        RETURN NEW;
      END IF;
    END IF;
    {_REFUSED}
    """,
)
TABLE_IS_KEPT = _Kept(name="is_kept", operation=pgtrigger.Truncate, level=pgtrigger.Statement)
KEPT = [ROWS_ARE_KEPT, TABLE_IS_KEPT]


_read: set[str] = {"audit_head", "audit_link"}


def only_read(table: str) -> None:
    """The application reads this table and never writes it: functions of the database do. Called at start."""
    _read.add(table)


def written_by_the_database() -> list[str]:
    """Tables that the application only reads, by the alphabet."""
    return sorted(_read)


def tables() -> list[str]:
    """Every append-only table of the installed models."""
    return sorted(model._meta.db_table for model in apps.get_models() if ROWS_ARE_KEPT in declared_by(model))
