"""What the database does for the audit, as SQL in files; every function says where it looks."""

from pathlib import Path

from django.db.migrations.operations import RunSQL

FOLDER = Path(__file__).parent


def masking() -> RunSQL:
    """A migration operation that makes the functions which mask names."""
    return RunSQL((FOLDER / "masking.sql").read_text(encoding="utf-8"), reverse_sql=RunSQL.noop)


def chain() -> RunSQL:
    """A migration operation that makes the functions and the trigger of the chain, when its tables are there."""
    return RunSQL((FOLDER / "chain.sql").read_text(encoding="utf-8"), reverse_sql=RunSQL.noop)
