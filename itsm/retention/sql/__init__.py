"""How texts leave a history that only grows, as SQL in a file."""

from pathlib import Path

from django.db.migrations.operations import RunSQL

FILE = Path(__file__).parent / "purging.sql"


def purging() -> RunSQL:
    """A migration operation that makes the function."""
    return RunSQL(FILE.read_text(encoding="utf-8"), reverse_sql=RunSQL.noop)
