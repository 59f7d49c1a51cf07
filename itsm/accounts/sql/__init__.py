"""Who stands behind an account, as SQL in a file: statements and triggers of every app ask the same functions."""

from pathlib import Path

from django.db.migrations.operations import RunSQL

FILE = Path(__file__).parent / "persons.sql"


def persons() -> RunSQL:
    """A migration operation that makes the functions."""
    return RunSQL(FILE.read_text(encoding="utf-8"), reverse_sql=RunSQL.noop)
