"""Which migrations may run while the release before still serves: each rule with what breaks it and what keeps it."""

from typing import Any

import pytest
from django.contrib.postgres import operations as postgres
from django.db import migrations, models
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState

from itsm.continuity.management.commands import lint_migrations
from itsm.continuity.migrating.operations import AddKeyNotValid, InBatches, ValidateKey
from itsm.continuity.migrating.rules import faults

INDEX = models.Index(fields=["name"], name="by_name")
CHECK = models.CheckConstraint(condition=models.Q(size__gt=0), name="has_a_size")
UNIQUE = models.UniqueConstraint(fields=["name"], name="one_name")


def state() -> ProjectState:
    made = ProjectState()
    fields: list[tuple[str, models.Field[Any, Any]]] = [
        ("id", models.BigAutoField(primary_key=True)), ("name", models.CharField(max_length=20)),
        ("size", models.IntegerField()), ("note", models.TextField(null=True)),
    ]  # fmt: skip
    made.add_model(ModelState("shop", "Thing", fields))
    return made


def judged(*operations: Operation, atomic: bool = True, **said: Any) -> list[str]:
    """What is wrong with a migration of these, in release 0.4."""
    made = migrations.Migration("0002_more", "shop")
    made.operations, made.atomic = list(operations), atomic
    for name, value in said.items():
        setattr(made, name, value)
    return list(faults(made, state(), "0.4"))


def add(field: Any) -> Operation:
    return migrations.AddField("thing", "more", field)


def alter(name: str, field: Any) -> Operation:
    return migrations.AlterField("thing", name, field)


KEY = {"to": "shop.thing", "on_delete": models.PROTECT, "null": True}
BREAKS: list[tuple[Operation, str]] = [
    (add(models.IntegerField(default=0)), "leaves it out"),
    (add(models.ForeignKey(**KEY, db_index=False)), "looks at every row"),
    (add(models.ForeignKey(**KEY, db_constraint=False)), "index holds every write"),
    (add(models.CharField(max_length=5, null=True, unique=True)), "index holds every write"),
    (alter("size", models.BigIntegerField()), "another type"),
    (alter("name", models.CharField(max_length=19)), "another type"),
    (alter("note", models.TextField()), "NOT NULL"),
    (alter("name", models.CharField(max_length=20, db_index=True)), "index holds every write"),
    (migrations.RemoveField("thing", "note"), "a release later"),
    (migrations.DeleteModel("Thing"), "a release later"),
    (migrations.RenameField("thing", "note", "remark"), "knows the old name"),
    (migrations.RenameModel("Thing", "Item"), "knows the old name"),
    (migrations.AlterModelTable("thing", "things"), "knows the old name"),
    (migrations.AddIndex("thing", INDEX), "AddIndexConcurrently"),
    (migrations.AddConstraint("thing", CHECK), "AddConstraintNotValid"),
    (migrations.AddConstraint("thing", UNIQUE), "unique index concurrently"),
    (migrations.RunPython(migrations.RunPython.noop, migrations.RunPython.noop), "InBatches"),
    (migrations.RunSQL("UPDATE shop_thing SET size = 1", ""), "InBatches"),
    (migrations.AlterUniqueTogether("thing", {("name", "size")}), "UniqueConstraint"),
]


@pytest.mark.parametrize(("operation", "said"), BREAKS, ids=[one.describe() + said for one, said in BREAKS])
def test_what_holds_people_up_or_breaks_the_release_before_is_refused(operation: Operation, said: str) -> None:
    (sentence,) = judged(operation)
    assert said in sentence
    assert judged(operation, initial=True) == []
    assert judged(migrations.SeparateDatabaseAndState(database_operations=[operation])) == [sentence]
    assert judged(migrations.SeparateDatabaseAndState(state_operations=[operation])) == []
    assert judged(operation, judged={operation.describe(): "it has ten rows"}) == []


KEEPS: list[Operation] = [
    add(models.IntegerField(null=True)),
    add(models.IntegerField(db_default=0)),
    add(models.ManyToManyField("shop.thing")),
    add(models.ForeignKey(**KEY, db_constraint=False, db_index=False)),
    alter("name", models.CharField(max_length=21)),
    alter("name", models.TextField()),
    alter("name", models.CharField("another word", max_length=20, null=True)),
    postgres.AddConstraintNotValid("thing", CHECK),
    postgres.ValidateConstraint("thing", "has_a_size"),
    AddKeyNotValid("thing", "more"),
    ValidateKey("thing", "more"),
]


@pytest.mark.parametrize("operation", KEEPS, ids=lambda one: one.describe())
def test_what_holds_nobody_up_is_let_through(operation: Operation) -> None:
    assert judged(operation) == []


def test_what_is_taken_away_was_not_used_by_the_release_before() -> None:
    gone = migrations.RemoveField("thing", "note")
    assert judged(gone, unused_since="0.3") == []
    assert judged(gone, unused_since="0.4")
    assert judged(gone, unused_since="0.10")


def test_tables_that_the_migration_makes_itself_are_nobodys_yet() -> None:
    new = migrations.CreateModel("Other", [("id", models.BigAutoField(primary_key=True)), ("name", models.TextField())])
    assert judged(new, migrations.AddIndex("other", INDEX)) == []


def test_what_commits_by_itself_stands_alone_and_outside_of_a_transaction() -> None:
    index, fill = (
        postgres.AddIndexConcurrently("thing", INDEX),
        InBatches("thing", where="note IS NULL", values="note = ''"),
    )
    for one in (index, fill):
        assert judged(one, atomic=False) == []
        assert ["atomic = False" in said for said in judged(one)] == [True]
    assert ["stands alone" in said for said in judged(index, fill, atomic=False)] == [True]


def test_a_constraint_is_validated_later_than_it_is_added() -> None:
    both = (postgres.AddConstraintNotValid("thing", CHECK), postgres.ValidateConstraint("thing", "has_a_size"))
    assert ["later migration" in said for said in judged(*both)] == [True]


def test_every_migration_of_this_house_keeps_the_rules() -> None:
    assert lint_migrations.all_faults(lint_migrations.release()) == []
