"""Evaluating budgets at an instant, without keeping anything: the statement that the evaluation keeps the answer of.

Every figure of the rules reaches the SQL from `slo.engine`, so that there is one place to change one.
"""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils.translation import gettext
from psycopg2.extensions import adapt

from itsm.kernel.errors import Conflict, InvalidInput
from itsm.prepared import Prepared
from slo.engine.levels import HYSTERESIS_CHECKPOINTS, HYSTERESIS_MARGIN, HYSTERESIS_MINUTES, LIMITS
from slo.engine.methods import MIN_ALLOWED, MIN_BAD, UNIT, Method
from slo.engine.samples import epoch_minute, instant_of, oldest_minute
from slo.engine.states import FIRST_MINUTES, LEVELS, Flag, State
from slo.engine.windows import ALERT_ROWS, STALE_AFTER, WINDOWS, BudgetBasis, Severity
from slo.objectives.models import CountedPeriod, Objective

ENOUGH_COVERAGE = Decimal("0.9")

_EVALUATE = Path(__file__).with_name("evaluate_budgets.sql").read_text(encoding="utf-8")
_PLACES = {name: place for place, name in enumerate(WINDOWS, start=1)}
WHOLE = len(WINDOWS) + 1  # the place of the whole window behind the burn windows

_RULES: dict[str, Any] = {
    "methods": [method.value for method in Method],
    "units": [UNIT[method] for method in Method],
    "min_bad": [MIN_BAD[method] for method in Method],
    "min_allowed": [MIN_ALLOWED[method] for method in Method],
    "full_window": BudgetBasis.FULL_WINDOW.value,
    "occurrences": Method.OCCURRENCES.value,
    "widths": list(WINDOWS.values()),
    "whole": WHOLE,
    "severities": [row.severity.value for row in ALERT_ROWS],
    "names": [row.long for row in ALERT_ROWS],
    "longs": [_PLACES[row.long] for row in ALERT_ROWS],
    "shorts": [_PLACES[row.short] for row in ALERT_ROWS],
    "long_minutes": [WINDOWS[row.long] for row in ALERT_ROWS],
    "spent_percents": [row.spent_percent for row in ALERT_ROWS],
    "levels": [level.value for level in LEVELS],
    "limits": list(LIMITS.values()),
    "hysteresis_margin": HYSTERESIS_MARGIN,
    "hysteresis_minutes": HYSTERESIS_MINUTES,
    "hysteresis_checkpoints": list(HYSTERESIS_CHECKPOINTS),
    "stale_after": STALE_AFTER,
    "first_minutes": FIRST_MINUTES,
    "enough_coverage": ENOUGH_COVERAGE,
    **{severity.value: severity.value for severity in Severity},
    **{flag.value: flag.value for flag in Flag},
    "state_burning_fast": State.BURNING_FAST.value,
    "state_not_yet_measured": State.NOT_YET_MEASURED.value,
    "state_no_data": State.NO_DATA.value,
    "state_low_confidence": State.LOW_CONFIDENCE.value,
}


class Statement:
    """Evaluate, and `then` do this (SQL) with `evaluated`. `more` rules are for `then`.

    `counted_periods` stands in for their table.

    The rules are part of the text. Planning takes longer than evaluating a hundred objectives, so it is done once per
    connection: for a few of them, and for all, anew when these have become ten times as many. For many it is done each
    time: a plan for a few would join thousands with thousands.
    """

    def __init__(self, name: str, then: str, *, counted_periods: str = "slo_countedperiod", **more: Any) -> None:
        text = "WITH " + _EVALUATE.rstrip() + then
        everything, self._many, few = (
            _ruled(text.format(counted_periods=counted_periods, which=which), more) for which in _WHICH
        )
        self._few = Prepared(name, few, **_TYPES)
        self._all = [Prepared(f"{name}_{digits}", everything, **_TYPES) for digits in range(_MAX_DIGITS + 1)]

    def run(
        self,
        cursor: Any,
        at: datetime,
        objectives: Collection[int] | None,
        *,
        remembering: bool = True,
        supposing: Mapping[str, Any] | None = None,
    ) -> None:
        """Evaluate these objectives (ids; None: all in force) as of `at`; the cursor then holds the answer.

        `remembering`: the level before plays its part (hysteresis); else each figure speaks for itself.
        """
        given = {"at": at, "minute": epoch_minute(at), "remembering": remembering, **(supposing or {})}
        if objectives is None:
            cursor.execute("SELECT count(*) FROM slo_objective WHERE retired_at IS NULL")
            self._all[min(len(str(cursor.fetchone()[0])), _MAX_DIGITS)].run(cursor, given)
            return
        given["objectives"] = sorted(objectives)
        if len(objectives) <= _FEW and supposing is None:
            self._few.run(cursor, given)
        else:
            cursor.execute(self._many, given)


# The planner is not shown how few they are: else it would find each plan for their very number better than one for all.
_WHICH = (
    "true",
    "o.id = ANY (%(objectives)s::bigint[])",
    "o.id = ANY ((SELECT %(objectives)s::bigint[])::bigint[])",
)
_FEW, _MAX_DIGITS = 20, 7
_TYPES = {"at": "timestamptz", "minute": "int", "objectives": "bigint[]", "remembering": "boolean"}
_PLACE = re.compile(r"%\((\w+)\)s")


def _ruled(text: str, more: Mapping[str, Any]) -> str:
    rules = {name: adapt(value).getquoted().decode("ascii") for name, value in {**_RULES, **more}.items()}
    return _PLACE.sub(lambda place: rules.get(place[1], place[0]), text)


@dataclass(frozen=True, slots=True)
class BudgetSnapshot:
    """A budget as it was, or would be, at an instant. Ratios have nine decimals; counts are in the method's unit."""

    objective_id: int
    terms_version: int
    watermark: datetime
    window_first: int
    window_last: int
    remaining: Decimal
    reserved: Decimal
    coverage: Decimal
    missing: int
    allowed: Decimal
    burn: list[Decimal]
    bad: list[int]
    total: list[int]
    bad_in_window: int
    total_in_window: int
    firing: list[str]
    flags: list[str]
    level: str
    state: str
    measured_minutes: int


_ASK = """
SELECT e.id, e.number, e.ending, e.first, e.last, e.remaining, e.reserved, e.coverage, e.missing,
       e.allowed / (e.unit * 1e9), e.shown[1:%(whole)s - 1], e.bad[1:%(whole)s - 1]::bigint[],
       e.total[1:%(whole)s - 1]::bigint[], e.bad[%(whole)s]::bigint, e.total[%(whole)s]::bigint,
       e.page || e.ticket, e.flags, e.level, e.state, e.measured_minutes
FROM evaluated e
"""
_SUPPOSED = """(
  SELECT * FROM slo_countedperiod WHERE objective_id <> ALL (%(supposed)s)
  UNION ALL
  SELECT * FROM json_populate_recordset(NULL::slo_countedperiod, %(counted_periods)s)
)"""


def evaluate_at(
    at: datetime,
    objectives: Collection[int],
    *,
    supposing: Mapping[int, list[CountedPeriod]] | None = None,
    remembering: bool = False,
) -> dict[int, BudgetSnapshot]:
    """Objective id -> its budget as of `at`, from the data as they stand now. One query; nothing is written.

    `supposing` says which counted_periods would count instead of those that do: a correction that is only proposed.
    `remembering`: as an evaluation at this instant would leave them, the level before included.
    """
    with connection.cursor() as cursor:
        if supposing is None:
            _PLAIN.run(cursor, at, objectives, remembering=remembering)
        else:
            given = {"supposed": list(supposing), "counted_periods": _as_json(supposing)}
            _SUPPOSING.run(cursor, at, objectives, remembering=remembering, supposing=given)
        return {row[0]: _snapshot(row) for row in cursor.fetchall()}


def _snapshot(row: tuple[Any, ...]) -> BudgetSnapshot:
    objective_id, version, ending, *rest = row
    return BudgetSnapshot(objective_id, version, instant_of(ending), *rest)


_PLAIN = Statement("evaluated_at", _ASK)
_SUPPOSING = Statement("evaluated_at_supposing", _ASK, counted_periods=_SUPPOSED)


def _as_json(supposing: Mapping[int, list[CountedPeriod]]) -> str:
    rows = [
        {field.column: getattr(one, field.attname) for field in CountedPeriod._meta.concrete_fields}
        for counted_periods in supposing.values()
        for one in counted_periods
    ]
    return json.dumps(rows)


def budget_at(objective: Objective, at: datetime, *, now: datetime) -> BudgetSnapshot:
    """With the terms in force then and the corrections of today.

    InvalidInput for the future and the forgotten, Conflict for an objective that is retired by now.
    """
    if at > now:
        raise InvalidInput(gettext("This instant has not come yet."), {"at": [gettext("not after now")]})
    if epoch_minute(at) < oldest_minute(now):
        raise InvalidInput(
            gettext("Measurements are kept for a year; this instant lies before."), {"at": [gettext("within a year")]}
        )
    found = evaluate_at(at, [objective.pk]).get(objective.pk)
    if found is None:
        raise Conflict(gettext("%(objective)s is retired; nothing evaluates it.") % {"objective": objective.slug})
    return found
