"""Expand, then contract: what a migration may do while the release before it still serves.

The release before works on the tables of this one, and nobody waits long: nothing that it reads or writes goes away,
nothing that it leaves out is required, and no statement holds a lock for as long as a table is long. What is not
allowed says what to write instead. A migration may say `unused_since = "0.3"`: the first release whose code does not
use what it takes away; and `judged = {"the operation's words": "why"}` for what a person judged to be harmless.

Ours, and not django-migration-linter (6.0): that one matches the SQL of `sqlmigrate` against patterns, so it sees
neither batches of rows, nor constraints that are not NOT VALID, nor the release in which a column was used last, and
takes tables that the same migration makes for tables that are full.
"""

from collections.abc import Iterator
from typing import Any

from django.contrib.postgres import operations as postgres
from django.db import connection, models
from django.db.migrations import operations as of_django
from django.db.migrations.migration import Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from pgtrigger.migrations import AddTrigger, RemoveTrigger

from itsm.continuity.migrating.operations import AddKeyNotValid, InBatches, ValidateKey

_RENAMES = (of_django.RenameField, of_django.RenameModel, of_django.AlterModelTable, of_django.RenameIndex)
_TAKES_AWAY = (of_django.RemoveField, of_django.DeleteModel)
_TOGETHER = (of_django.AlterUniqueTogether, of_django.AlterOrderWithRespectTo)
_CONCURRENT = (postgres.AddIndexConcurrently, postgres.RemoveIndexConcurrently)
_STATE_ALONE = (of_django.AlterModelOptions, of_django.AlterModelManagers, of_django.AlterModelTableComment)
_HARMLESS = (
    AddTrigger, RemoveTrigger, InBatches, AddKeyNotValid, ValidateKey, postgres.AddConstraintNotValid,
    postgres.ValidateConstraint, of_django.RemoveConstraint, *_CONCURRENT, *_STATE_ALONE,
)  # fmt: skip
_NOT_IN_ONE = (*_CONCURRENT, InBatches)  # none of these runs in a transaction
_VALIDATES = (postgres.ValidateConstraint, ValidateKey)
_HOLDS = (postgres.AddConstraintNotValid, AddKeyNotValid)


def faults(migration: Migration, state: ProjectState, release: str) -> Iterator[str]:
    """What is wrong with it, a sentence each. `state`: before it. `release`: the one that is being made.

    The first migration of an app makes tables that nobody uses yet: nothing is wrong with it.
    """
    if migration.initial:
        return
    judged: dict[str, str] = getattr(migration, "judged", {})
    new = set[str]()  # models that this migration makes: nobody waits for them
    now = state.clone()
    for operation in _flat(migration.operations):
        words = operation.describe()
        if isinstance(operation, of_django.CreateModel):
            new.add(operation.name.lower())
        elif getattr(operation, "model_name", "").lower() not in new and words not in judged:
            for sentence in _fault(operation, migration, now, release):
                yield f"{words}: {sentence}"
        operation.state_forwards(migration.app_label, now)
    yield from _of_the_whole(migration)


def _flat(operations: Any) -> Iterator[Operation]:
    """Operations on the database; those on the state alone change nothing there."""
    for one in operations:
        if isinstance(one, of_django.SeparateDatabaseAndState):
            yield from _flat(one.database_operations)
        else:
            yield one


def _of_the_whole(migration: Migration) -> Iterator[str]:
    every = list(_flat(migration.operations))
    if any(isinstance(one, _NOT_IN_ONE) for one in every):
        if migration.atomic:
            yield "concurrent indexes and batches commit by themselves: say atomic = False"
        if len(every) > 1:
            yield "what commits by itself stands alone in its migration, so that it can be tried again"
    if any(isinstance(one, _VALIDATES) for one in every) and any(isinstance(one, _HOLDS) for one in every):
        yield "a constraint is validated in a later migration than the one that adds it, or both hold their locks"


def _fault(operation: Operation, migration: Migration, state: ProjectState, release: str) -> Iterator[str]:
    if isinstance(operation, _HARMLESS):
        return
    if isinstance(operation, of_django.AddField):
        yield from _added(operation.field)
    elif isinstance(operation, of_django.AlterField):
        model = state.models[migration.app_label, operation.model_name_lower]
        yield from _altered(model.fields[operation.name], operation.field)
    elif isinstance(operation, _TAKES_AWAY):
        if not _is_over(getattr(migration, "unused_since", ""), release):
            yield "the release before may still use it: take it away a release later, and say unused_since"
    elif isinstance(operation, _RENAMES):
        yield "the release before knows the old name: add the new one, fill it in batches, take the old one away later"
    elif isinstance(operation, of_django.AddIndex | of_django.RemoveIndex):
        yield "it holds every write while it lasts: AddIndexConcurrently, RemoveIndexConcurrently"
    elif isinstance(operation, of_django.AddConstraint):
        yield _constrained(operation.constraint)
    elif isinstance(operation, of_django.RunPython | of_django.RunSQL):
        yield "rows are filled in by itsm.continuity.migrating.operations.InBatches, which can be tried again"
    elif isinstance(operation, _TOGETHER):
        yield "it is an index that holds every write: a UniqueConstraint over one that is made concurrently"
    else:
        yield "this operation is not known to hold nobody up; judge it, and say so in `judged`"


def _added(field: Any) -> Iterator[str]:
    if field.many_to_many:
        return
    has_default = field.db_default is not models.NOT_PROVIDED
    if not field.null and not has_default and getattr(field, "generated", False) is False:
        yield "the release before leaves it out: null=True, or a db_default"
    if getattr(field, "generated", False):
        yield "a generated column writes the whole table anew: a plain one, filled in batches"
    if field.remote_field and field.db_constraint:
        yield "its foreign key looks at every row: db_constraint=False, then AddKeyNotValid and ValidateKey"
    if field.unique or field.db_index:
        yield "its index holds every write: db_index=False, then AddIndexConcurrently"


def _altered(before: Any, after: Any) -> Iterator[str]:
    if _type(before) != _type(after) and not _widens(before, after):
        yield "another type writes the whole table anew: add a column, fill it in batches, take the old one away later"
    if before.null and not after.null:
        yield "NOT NULL looks at every row: a CheckConstraint that is not valid yet, validated later"
    if (after.unique and not before.unique) or (after.db_index and not before.db_index):
        yield "its index holds every write: AddIndexConcurrently"
    if after.remote_field and after.db_constraint and not (before.remote_field and before.db_constraint):
        yield "its foreign key looks at every row: AddKeyNotValid and ValidateKey"


def _type(field: Any) -> str:
    return str(field.db_type(connection))


def _widens(before: Any, after: Any) -> bool:
    """A longer varchar, or text in place of one: only the catalog changes."""
    if not isinstance(before, models.CharField):
        return False
    if isinstance(after, models.CharField):
        return after.max_length is None or (before.max_length is not None and after.max_length >= before.max_length)
    return isinstance(after, models.TextField)


def _constrained(constraint: Any) -> str:
    if isinstance(constraint, models.CheckConstraint):
        return "it looks at every row: AddConstraintNotValid, and ValidateConstraint in a later migration"
    return "its index holds every write: make the unique index concurrently"


def _is_over(unused_since: str, release: str) -> bool:
    """Whether it was not used any more in a release before the one that is made: that one still serves meanwhile."""
    return bool(unused_since) and _numbers(unused_since) < _numbers(release)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
