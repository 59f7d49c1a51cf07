"""Rows that are locked for a write take new rows that point to them meanwhile; other writers still wait their turn."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction

from itsm import lifecycle
from itsm.audit.models import Entry
from slo.measuring.operations.samples import lock_writers
from slo.models import Budget, DataSource, Objective, Reservation
from slo.objectives.operations.evaluation import EVALUATOR, lock_budgets_for_evaluation
from slo.objectives.operations.reservations import lock_budgets
from slo.objectives.operations.state_changes import announce_changes
from tests.factories.slo import MEASURER, T0, an_objective

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def somebody_else() -> Iterator[Any]:
    """A cursor on a connection of its own, that never waits for a lock."""
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            yield cursor
            cursor.execute("ROLLBACK")
    finally:
        other.close()


def is_free(cursor: Any, table: str, key: str, value: int, strength: str) -> bool:
    """Whether this row can be locked like this without waiting."""
    cursor.execute("SAVEPOINT before")
    try:
        cursor.execute(f"SELECT FROM {table} WHERE {key} = %s FOR {strength} NOWAIT", [value])
    except OperationalError:
        cursor.execute("ROLLBACK TO SAVEPOINT before")
        return False
    return True


LOCKED: list[tuple[str, str, str, Callable[[Objective], object]]] = [
    ("a record that is edited or moves", "slo_objective", "id", lifecycle.locked),
    ("budgets that are decided on", "slo_budget", "objective_id", lambda one: lock_budgets([one.pk], at=T0)),
    ("budgets whose terms change", "slo_budget", "objective_id", lambda one: lock_budgets_for_evaluation([one.pk])),
    ("what is measured", "slo_indicator", "id", lambda one: lock_writers([one.indicator_id or 0])),
]


@pytest.mark.parametrize(("table", "key", "lock"), [row[1:] for row in LOCKED], ids=[row[0] for row in LOCKED])
def test_who_holds_a_row_keeps_writers_out_and_lets_new_rows_point_to_it(table, key, lock):
    objective = an_objective()
    value = objective.indicator_id if table == "slo_indicator" else objective.pk
    with transaction.atomic(), somebody_else() as cursor:
        lock(objective)
        assert is_free(cursor, table, key, value, "KEY SHARE")
        assert not is_free(cursor, table, key, value, "NO KEY UPDATE")


def test_a_reservation_is_written_while_its_objective_is_edited():
    objective = an_objective()
    with transaction.atomic(), somebody_else() as cursor:
        lifecycle.locked(objective)
        cursor.execute("SET LOCAL lock_timeout = '1s'; SET CONSTRAINTS ALL IMMEDIATE")  # else looked at in the end only
        cursor.execute(
            "INSERT INTO slo_reservation (objective_id, holder, ratio, held_at, expires_at, reason)"
            " VALUES (%s, 'CHG-1', 0.1, now(), now() + interval '1 hour', '')",
            [objective.pk],
        )
    assert not Reservation.objects.exists()


def test_nobody_points_to_what_is_being_deleted():
    source = DataSource.objects.create(slug="metrics", name="Metrics", url="http://metrics.example:9090")
    with somebody_else() as cursor, lifecycle.edit(source, actor=MEASURER, version=source.version, going=True):
        assert not is_free(cursor, "slo_datasource", "id", source.pk, "KEY SHARE")


def test_two_who_tell_the_same_news_at_once_tell_it_once():
    """The second waits for the first one's locks, and then finds nothing owed."""
    objectives = [an_objective() for _ in range(3)]
    Budget.objects.update(announced_state="")
    known = Entry.objects.count()
    second: list[int] = []

    def tell() -> None:
        try:
            connection.ensure_connection()
            second.append(connection.connection.info.backend_pid)
            announce_changes(actor=EVALUATOR)
        finally:
            connections.close_all()

    other = threading.Thread(target=tell)
    with transaction.atomic():
        announce_changes(actor=EVALUATOR)
        other.start()
        while other.is_alive() and not (second and waits(second[0])):
            other.join(0.02)
    other.join()
    assert Entry.objects.count() == known + len(objectives)


def waits(process: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [process])
        return bool(cursor.fetchone()[0])
