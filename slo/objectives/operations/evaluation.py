"""Evaluating budgets: one SQL statement for all of them, then the news to those concerned.

`evaluate_budgets.sql` says how a budget is evaluated, `store_evaluation.sql` how the result is stored. The instant is
an argument: the same data and the same instant give the same budget.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from itsm.kernel.actors import Actor
from itsm.locks import AdvisoryLock
from slo.engine.windows import Severity
from slo.measuring.operations.trust import evaluate_trust
from slo.objectives.operations.alerts import notify_alerts
from slo.objectives.operations.state_changes import announce_changes
from slo.objectives.queries.evaluate_at import Statement

EVALUATOR = Actor.system("evaluator")

# An alert that fires again this soon after it ended is the same burn: the longest short window of its severity twice.
REJOIN = {Severity.PAGE: timedelta(hours=1), Severity.TICKET: timedelta(hours=12)}

_STATEMENT = Statement(
    "evaluated",
    Path(__file__).with_name("store_evaluation.sql").read_text(encoding="utf-8"),
    page_rejoin=REJOIN[Severity.PAGE],
    ticket_rejoin=REJOIN[Severity.TICKET],
)


def lock_budgets_for_evaluation(objective_ids: Collection[int]) -> None:
    """Take the evaluation's turn and lock these budgets until the caller's transaction ends.

    The order for everybody: the turn, budgets by id, objectives, indicators, series. Who changes what an objective
    is measured by begins here: evaluations and the gate hold budgets while they add rows that point to objectives.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [AdvisoryLock.EVALUATION])
        cursor.execute(
            "SELECT FROM slo_budget WHERE objective_id = ANY (%s) ORDER BY objective_id FOR NO KEY UPDATE",
            [sorted(objective_ids)],
        )


@contextmanager
def budget_locked(objective_id: int) -> Iterator[None]:
    """A transaction that begins with this budget locked."""
    with transaction.atomic():
        lock_budgets_for_evaluation([objective_id])
        yield


def evaluate(*, at: datetime, objectives: Collection[int] | None = None) -> int:
    """Evaluate these objectives (ids; None: all in force) at this instant and write their budgets. Returns how many.

    Samples of minutes that end after `at` are not seen. Two evaluations at once take turns. After
    the budgets are committed, trust in what they are measured by is evaluated, changed states are announced
    and people hear of burn alerts; what a
    crash leaves undone there, the next evaluation does.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [AdvisoryLock.EVALUATION])
        count = _kept(cursor, at, objectives)
    evaluate_trust(at=at, objectives=objectives)
    announce_changes(objectives, actor=EVALUATOR)
    notify_alerts(objectives, actor=EVALUATOR, at=at)
    return count


def catch_up(objectives: Collection[int], *, at: datetime) -> bool:
    """Evaluate these objectives for a caller who holds their budgets, and store them; False where it is not its turn.

    Nobody waits for the turn here, so the order of locks holds: whoever has it is evaluating anyway, and readers
    evaluate on the way meanwhile. The news is told by the next evaluation, which owes it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [AdvisoryLock.EVALUATION])
        if not cursor.fetchone()[0]:
            return False
        _kept(cursor, at, objectives)
        return True


def _kept(cursor: Any, at: datetime, objectives: Collection[int] | None) -> int:
    _STATEMENT.run(cursor, at, objectives)
    return int(cursor.fetchone()[0])
