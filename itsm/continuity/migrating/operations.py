"""Operations that hold nobody up, for what Django does in one go: rows in batches, a foreign key in two steps.

Indexes and constraints have theirs in `django.contrib.postgres.operations`: AddIndexConcurrently, AddConstraintNotValid
and, in a later migration, ValidateConstraint.
"""

import time
from typing import Any

from django.db import transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

PAUSE = 0.02  # seconds between batches, in which others have the disk
# Along the key, so that no batch looks again at what those before it wrote.
_ONE_BATCH = """
WITH picked AS (
  SELECT {key} FROM {table} WHERE {key} > %s AND ({where}) ORDER BY {key} LIMIT {size} FOR NO KEY UPDATE
), written AS (
  UPDATE {table} SET {values} FROM picked WHERE {table}.{key} = picked.{key} RETURNING {table}.{key}
) SELECT max({key}) FROM written
"""


class InBatches(Operation):
    """Fill in what old rows lack: `values` (SQL) where `where` (SQL) still holds, some rows a transaction, by number.

    `where` must stop holding for a row that was written, so that it can begin anew after whatever ended it. Its
    migration says `atomic = False`. Taken back, nothing happens: the code before does not look at what was filled in.
    """

    reduces_to_sql = False
    reversible = True

    def __init__(self, model_name: str, *, where: str, values: str, size: int = 2000) -> None:
        self.model_name, self.where, self.values, self.size = model_name, where, values, size

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Only rows change."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Some rows a transaction, until none is left."""
        model: Any = to_state.apps.get_model(app_label, self.model_name)
        quote = schema_editor.connection.ops.quote_name
        statement = _ONE_BATCH.format(
            table=quote(model._meta.db_table), key=quote(model._meta.pk.column), where=self.where, values=self.values,
            size=self.size,
        )  # fmt: skip
        last = 0
        while (written := self._batch(schema_editor, statement, last)) is not None:
            last = written
            time.sleep(PAUSE)

    @staticmethod
    def _batch(schema_editor: BaseDatabaseSchemaEditor, statement: str, after: int) -> int | None:
        """The last key that was written; None where nothing is left."""
        with transaction.atomic(using=schema_editor.connection.alias), schema_editor.connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '1s'")
            cursor.execute(statement, [after])
            found: int | None = cursor.fetchone()[0]
            return found

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Nothing to take back."""

    def describe(self) -> str:
        """A line of the plan."""
        return f"Fill in rows of {self.model_name} in batches"


class _Key(Operation):
    """The foreign key of a field that says `db_constraint=False`."""

    reversible = True

    def __init__(self, model_name: str, name: str) -> None:
        self.model_name, self.name = model_name, name

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Django knows of no such key, and need not."""

    def _names(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, state: ProjectState
    ) -> tuple[str, str, Any]:
        model: Any = state.apps.get_model(app_label, self.model_name)
        field = model._meta.get_field(self.name)
        quote = schema_editor.connection.ops.quote_name
        return quote(model._meta.db_table), quote(f"{model._meta.db_table}_{field.column}_key"[:63]), field


class AddKeyNotValid(_Key):
    """It holds for new rows; old ones are looked at by `ValidateKey`, in a later migration."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Add it, without looking at what is there."""
        table, name, field = self._names(app_label, schema_editor, to_state)
        quote = schema_editor.connection.ops.quote_name
        other = field.remote_field.model._meta
        schema_editor.execute(
            f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({quote(field.column)})"
            f" REFERENCES {quote(other.db_table)} ({quote(other.pk.column)}) DEFERRABLE INITIALLY DEFERRED NOT VALID"
        )

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Take it away."""
        table, name, _field = self._names(app_label, schema_editor, from_state)
        schema_editor.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")

    def describe(self) -> str:
        """A line of the plan."""
        return f"Add the foreign key of {self.model_name}.{self.name}, not yet validated"


class ValidateKey(_Key):
    """Look whether all old rows hold a key of `AddKeyNotValid`; nobody waits meanwhile."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Look at all rows."""
        table, name, _field = self._names(app_label, schema_editor, to_state)
        schema_editor.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """It stays valid."""

    def describe(self) -> str:
        """A line of the plan."""
        return f"Validate the foreign key of {self.model_name}.{self.name}"
