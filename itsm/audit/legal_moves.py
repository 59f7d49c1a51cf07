"""The database's copy of a workflow: a status may only move along listed pairs, whoever writes.

The application walks the table in `workflow.py`; this trigger is the second wall, for raw SQL,
imports and mistakes. A test compares the two.
"""

from collections.abc import Iterable

from django.db.migrations.operations import RunSQL


def only_moves(table: str, pairs: Iterable[tuple[str, str]]) -> RunSQL:
    """A migration operation: rows of `table` change `status` only along (from, to) pairs."""
    listed = ", ".join(f"('{before}', '{after}')" for before, after in sorted(pairs))
    return RunSQL(
        sql=f"""
        CREATE FUNCTION {table}_moves_legally() RETURNS trigger LANGUAGE plpgsql
          SET search_path FROM CURRENT AS $$
        BEGIN
          IF (OLD.status, NEW.status) NOT IN ({listed}) THEN
            RAISE EXCEPTION '{table} does not move from % to %', OLD.status, NEW.status
              USING ERRCODE = 'check_violation';
          END IF;
          RETURN NEW;
        END $$;
        CREATE TRIGGER {table}_moves_legally BEFORE UPDATE OF status ON {table}
          FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION {table}_moves_legally();""",
        reverse_sql=f"""
        DROP TRIGGER {table}_moves_legally ON {table};
        DROP FUNCTION {table}_moves_legally();""",
    )
