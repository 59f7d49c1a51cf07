"""Evaluating budgets: one SQL statement for all of them, then the news to those concerned.

The statement stands in `evaluation.sql`; every figure of the rules reaches it from `slo.engine`,
so that there is one place to change one. The instant is an argument: the same data and the same
instant give the same budget.
"""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from itsm.kernel.actors import Actor
from slo.engine.levels import CALM_MINUTES, LIMITS, LOOKS, MARGIN
from slo.engine.samples import epoch_minute
from slo.engine.states import LEVELS, Flag, State
from slo.engine.windows import ALERT_ROWS, WINDOWS, Severity
from slo.operations.alerts import open_incidents
from slo.operations.announcements import announce_changes
from slo.queries.readings import PATIENCE

EVALUATOR = Actor.system("evaluator")

ENOUGH_COVERAGE = Decimal("0.9")
ENOUGH_ALLOWED_FAILURES = 10

_STATEMENT = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
_LOCK = 0x510B06E7  # any number that no other advisory lock of Headroom uses
_PLACES = {name: place for place, name in enumerate(WINDOWS, start=1)}

_RULES: dict[str, Any] = {
    "forever": 2**62,
    "widths": list(WINDOWS.values()),
    "whole": len(WINDOWS) + 1,
    "severities": [row.severity.value for row in ALERT_ROWS],
    "names": [row.long for row in ALERT_ROWS],
    "longs": [_PLACES[row.long] for row in ALERT_ROWS],
    "shorts": [_PLACES[row.short] for row in ALERT_ROWS],
    "long_minutes": [WINDOWS[row.long] for row in ALERT_ROWS],
    "spent_percents": [row.spent_percent for row in ALERT_ROWS],
    "levels": [level.value for level in LEVELS],
    "limits": list(LIMITS.values()),
    "margin": MARGIN,
    "calm": CALM_MINUTES,
    "looks": list(LOOKS),
    "patience": PATIENCE,
    "enough_coverage": ENOUGH_COVERAGE,
    "enough_failures": ENOUGH_ALLOWED_FAILURES,
    **{severity.value: severity.value for severity in Severity},
    **{flag.value: flag.value for flag in Flag},
    "state_burning_fast": State.BURNING_FAST.value,
    "state_no_data": State.NO_DATA.value,
    "state_low_confidence": State.LOW_CONFIDENCE.value,
}


def evaluate(*, at: datetime, objectives: Collection[int] | None = None) -> int:
    """Judge these objectives (ids; None: all) at this instant and write their budgets. Returns how many.

    Samples of minutes that end after `at` are not seen. Two evaluations at once take turns. After
    the budgets are committed, changed states are announced and page alerts open incidents; what a
    crash leaves undone there, the next evaluation does.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute(_STATEMENT, _parameters(at, objectives))
        (count,) = cursor.fetchone()
    announce_changes(objectives, actor=EVALUATOR)
    open_incidents(objectives, actor=EVALUATOR)
    return int(count)


def _parameters(at: datetime, objectives: Collection[int] | None) -> dict[str, Any]:
    return _RULES | {
        "at": at,
        "minute": epoch_minute(at),
        "objectives": None if objectives is None else sorted(objectives),
    }
