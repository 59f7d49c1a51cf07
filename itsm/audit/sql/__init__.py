"""What the database does for the audit, as SQL in a file; every function says where it looks."""

from pathlib import Path

from django.db.migrations.operations import RunSQL

FILE = Path(__file__).parent / "masking.sql"


def masking() -> RunSQL:
    """A migration operation that makes the functions which mask names."""
    return RunSQL(FILE.read_text(encoding="utf-8"), reverse_sql=RunSQL.noop)
