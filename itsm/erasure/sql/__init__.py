"""What the database does to erase a person, as SQL in a file."""

from pathlib import Path

from django.db.migrations.operations import RunSQL

FILE = Path(__file__).parent / "erasing.sql"


def erasing() -> RunSQL:
    """A migration operation that makes the functions."""
    return RunSQL(FILE.read_text(encoding="utf-8"), reverse_sql=RunSQL.noop)
