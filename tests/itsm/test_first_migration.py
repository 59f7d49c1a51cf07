"""The migration that makes an app's tables: the same statements and the same state as Django's way, for less work."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState
from pgtrigger.migrations import AddTrigger

from itsm.audit.first_migration import FirstMigration
from itsm.audit.triggers import CompiledGuard

PACKAGES = {"itsm", "catalog", "incidents", "slo", "changes"}
OURS = [one for one in apps.get_app_configs() if one.name.partition(".")[0] in PACKAGES]
REFUSED = CompiledGuard(name="refused", table="shop_order", func=["RETURN NULL;"], when="BEFORE", operation="DELETE",
                        level="ROW")  # fmt: skip


def look_at_all(apps: Any, editor: Any) -> None:
    """Which fields models have is looked up once, and kept."""
    assert [model._meta.get_fields(include_hidden=True) for model in apps.get_models()]


OPERATIONS = [
    migrations.CreateModel("Order", fields=[("id", models.BigAutoField(primary_key=True))]),
    AddTrigger("order", REFUSED),
    migrations.CreateModel(
        "Line",
        fields=[
            ("id", models.BigAutoField(primary_key=True)),
            ("order", models.ForeignKey("shop.order", models.CASCADE, related_name="lines")),
            ("kind", models.ForeignKey("contenttypes.contenttype", models.CASCADE, related_name="+")),
            ("seen_with", models.ManyToManyField("self")),
        ],
        options={"indexes": [models.Index(fields=["kind", "order"], name="by_kind")]},
    ),
    migrations.CreateModel("Urgent", fields=[], options={"proxy": True}, bases=("shop.line",)),
    migrations.AddField("order", "watched_by", models.ManyToManyField("contenttypes.contenttype")),
    migrations.RunPython(look_at_all, migrations.RunPython.noop),
    migrations.AddField("order", "first", models.ForeignKey("shop.line", models.CASCADE, null=True)),
    migrations.AddField("line", "said", models.TextField(default="nothing"), preserve_default=False),
    migrations.AddConstraint(
        "order", models.CheckConstraint(condition=models.Q(first__gt=0), name="shop_first_is_a_line")
    ),
    migrations.AddIndex("line", models.Index(fields=["kind"], name="lines_by_kind")),
    migrations.RunSQL("SELECT 1", "SELECT 2"),
]


@pytest.fixture
def applied(db: None) -> Callable[[type[migrations.Migration]], tuple[list[str], ProjectState]]:
    """What a migration of this kind sends, unsent, and the state it leaves; models were rendered before."""

    def sent(kind: type[migrations.Migration]) -> tuple[list[str], ProjectState]:
        migration = type("Migration", (kind,), {"operations": OPERATIONS})("0001_initial", "shop")
        state = ProjectState(real_apps={"contenttypes"})
        assert state.apps.get_model("contenttypes", "contenttype")
        with connection.schema_editor(collect_sql=True) as editor:
            state = migration.apply(state, editor)
        return [str(one) for one in editor.collected_sql], state

    return sent


def test_it_sends_what_django_sends_and_leaves_the_same_state(applied: Any) -> None:
    theirs, expected = applied(migrations.Migration)
    ours, state = applied(FirstMigration)
    assert ours == theirs
    assert len(ours) > len(OPERATIONS)
    assert state == expected


def test_models_know_each_other_whichever_was_there_first(applied: Any) -> None:
    def known(state: ProjectState) -> dict[str, set[str]]:
        return {
            model._meta.label: {field.name for field in model._meta.get_fields(include_hidden=True)}
            for model in state.apps.get_models(include_auto_created=True)
        }

    expected = known(applied(migrations.Migration)[1])
    assert known(applied(FirstMigration)[1]) == expected
    assert "lines" in expected["shop.Order"]
    assert "order" in expected["shop.Line"]  # of the field that came later
    assert ContentType._meta.label in expected


@pytest.mark.parametrize("config", OURS, ids=lambda one: one.label)
def test_every_app_of_ours_has_one(config: Any) -> None:
    """A fresh database is ready in seconds, and so is every run of tests."""
    try:
        first = import_module(f"{config.name}.migrations.0001_initial")
    except ModuleNotFoundError:
        assert not list(config.get_models()), "tables without a migration"
        return
    assert issubclass(first.Migration, FirstMigration)
