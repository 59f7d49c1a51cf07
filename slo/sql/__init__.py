"""What the database does for the engine, as SQL in files: functions by name, and the table of hours.

A function says where its tables are: its body is bound to them when it is made (BEGIN ATOMIC), or it has a
`SET search_path`. A migration makes it, with `function("slo_prefix")`, and so does the
migration that changes it.
"""

from pathlib import Path

from django.db.migrations.operations import RunSQL

FOLDER = Path(__file__).parent


def text(name: str) -> str:
    """What `slo/sql/<name>.sql` says."""
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def function(name: str) -> RunSQL:
    """A migration operation that makes the function of a file anew."""
    return RunSQL(text(name), reverse_sql=f"DROP FUNCTION {name}")
