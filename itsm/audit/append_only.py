"""Tables that only grow: the database refuses UPDATE, DELETE and TRUNCATE, whoever asks.

A model says `append_only = True`, its migration adds `keep("table")`, and
`grant_application_rights` leaves the application's role without the rights as a second wall.
"""

from django.apps import apps
from django.db import models
from django.db.migrations.operations import RunSQL

_FUNCTION = """
CREATE OR REPLACE FUNCTION headroom_is_kept() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
"""


def keep(table: str) -> RunSQL:
    """A migration operation that makes a table append-only."""
    return RunSQL(
        sql=f"""{_FUNCTION}
        CREATE TRIGGER {table}_rows_are_kept BEFORE UPDATE OR DELETE ON {table}
          FOR EACH ROW EXECUTE FUNCTION headroom_is_kept();
        CREATE TRIGGER {table}_is_kept BEFORE TRUNCATE ON {table}
          FOR EACH STATEMENT EXECUTE FUNCTION headroom_is_kept();""",
        reverse_sql=f"""
        DROP TRIGGER {table}_rows_are_kept ON {table};
        DROP TRIGGER {table}_is_kept ON {table};""",
    )


def tables() -> list[str]:
    """Every append-only table of the installed models."""
    return sorted(_table(model) for model in apps.get_models() if getattr(model, "append_only", False))


def _table(model: type[models.Model]) -> str:
    return model._meta.db_table
