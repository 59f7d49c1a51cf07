"""What the gate is told about budgets: values without a database behind them, never older than what is known.

A stored budget is behind when a newer minute was acknowledged than it has seen, when history was rewritten since
(series count such writes, the budget remembers the sum that it has seen), or when nobody evaluated it for two minutes.
The SQL that says so serves all who read or lock budgets.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from itsm.prepared import Prepared
from slo.engine.levels import level_of
from slo.engine.samples import epoch_minute, instant_of
from slo.engine.states import Flag, Level, State, state_of, stricter
from slo.engine.trust import Mark
from slo.engine.windows import STALE_AFTER, WINDOWS
from slo.objectives.queries.evaluate_at import BudgetSnapshot, evaluate_at
from slo.objectives.queries.recovery import recovery_times

# Trust that was evaluated longer ago says nothing of today: then it is missing, as though nobody ever had.
TRUST_HOLDS = timedelta(minutes=30)

# An evaluation runs each minute; what it has not looked at for this long is evaluated by whoever asks.
EVALUATED_WITHIN = timedelta(minutes=2)

# Beside `o` (objective) and `b` (its budget, perhaps none).
MEASURED = """
LEFT JOIN LATERAL (
  -- A component without any minute leaves the whole unknown, as before: its first one is a rewriting.
  SELECT CASE WHEN bool_and(newest.ending IS NOT NULL) THEN min(newest.ending) END AS ending
  FROM slo_countedperiod p
  LEFT JOIN LATERAL slo_newest(p.series_id, %(minute)s) newest ON true
  WHERE p.objective_id = o.id AND p.number = b.terms_version AND p.is_last
) measured ON true
"""
IS_BEHIND = """(
  b.objective_id IS NULL OR b.evaluated_at < %(at)s - %(evaluated_within)s::interval
  OR measured.ending * 60 > extract(epoch FROM b.watermark)
  OR (SELECT coalesce(sum(r.revision), 0) <> b.series_revision FROM slo_series r
      WHERE r.id IN (SELECT p.series_id FROM slo_countedperiod p WHERE p.objective_id = o.id))
)"""


@dataclass(frozen=True, slots=True)
class MarkSeen:
    """One mark against the measurements (`slo.engine.trust.Mark`), since when, and the indicator it was found at."""

    mark: str
    since: datetime
    indicator: str


@dataclass(frozen=True, slots=True)
class GatingBudget:
    """One gating objective as the gate sees it. Ratios are shares of the budget; `burn` is by window name."""

    objective_id: int
    objective: str
    objective_version: int
    service_id: int
    service: str
    environment: str
    target: Decimal
    window_days: int
    remaining: Decimal
    reserved: Decimal
    headroom: Decimal
    burn: Mapping[str, Decimal]
    coverage: Decimal
    flags: tuple[Flag, ...]
    level: Level
    level_since: datetime
    state: State
    watermark: datetime
    age_seconds: int
    allowed_failures: Decimal
    reservations_in_flight: int
    evaluated_at: datetime
    gates_from: datetime | None
    trust: Decimal | None  # 1: nothing speaks against the measurements; None: not evaluated lately
    trust_marks: tuple[MarkSeen, ...]
    measured_minutes: int  # so far; 0: nothing was ever measured, and `watermark` says no more than when it was looked
    # What a failed change cost as a rule, as a share of the budget; None without a history.
    typical_cost: Decimal | None = None
    # Limit -> when headroom would pass it if nothing more failed; None: it is above, or never would.
    recovers_at: Mapping[Decimal, datetime | None] | None = None

    @property
    def is_new(self) -> bool:
        """Not measured for an hour yet: it reports, and does not decide about changes."""
        return Flag.NOT_YET_MEASURED in self.flags


# The services stand in a subquery, whose length no planner looks at: with them in sight, plans made for the values look
# cheaper than the general one, which does the same, and each question plans the statement, for six times what it takes
# to answer it.
_STATEMENT = Prepared(
    "gating_budgets",
    f"""
SELECT o.id, o.slug, b.terms_version, o.service_id, s.slug, o.environment, o.target,
       coalesce(b.window_days, o.window_days), b.remaining,
       b.burn, b.coverage, b.allowed, b.flags, b.level, b.level_since, b.watermark, b.step_minutes,
       coalesce(held.ratio, 0), coalesce(held.count, 0), b.evaluated_at, o.gates_from, b.measured_minutes,
       b.trust, b.trust_marks, b.trust_at, b.typical_cost, {IS_BEHIND}
FROM slo_objective o
JOIN catalog_service s ON s.id = o.service_id
LEFT JOIN slo_budget b ON b.objective_id = o.id
LEFT JOIN LATERAL (
  SELECT sum(r.ratio) AS ratio, count(*) AS count FROM slo_reservation r
  WHERE r.objective_id = o.id AND r.released_at IS NULL AND r.expires_at > %(at)s
) held ON true
{MEASURED}
WHERE o.service_id = ANY ((SELECT %(services)s)::bigint[]) AND o.environment = %(environment)s
  AND o.gating AND o.retired_at IS NULL
ORDER BY s.slug, o.slug
""",  # noqa: S608 - only our own text
    services="bigint[]",
    at="timestamptz",
    minute="int",
    evaluated_within="interval",
)


def gating_budgets(
    service_ids: Collection[int], environment: str, at: datetime, *, with_recovery: bool = False
) -> list[GatingBudget]:
    """The gating objectives of these services in this environment, by service and slug.

    Never older than what is known: a budget that has not seen the newest acknowledged measurement, or was not
    evaluated for two minutes, is evaluated here and now (nothing is written), so that neither
    a dead worker nor a slow minute hides an outage. One query; one more where something was behind, one with
    recovery. Reservations are as they stand now, not as of the last evaluation.
    """
    given = {"services": list(service_ids), "environment": environment, **behind_parameters(at)}
    with connection.cursor() as cursor:
        _STATEMENT.run(cursor, given)
        rows = cursor.fetchall()
    behind = [row[0] for row in rows if row[-1]]
    anew = evaluate_at(at, behind, remembering=True) if behind else {}
    recovery = recovery_times([row[0] for row in rows], at) if with_recovery else {}
    return [_gating_budget(row, at, anew.get(row[0]), recovery.get(row[0])) for row in rows]


def _gating_budget(
    row: tuple[Any, ...],
    at: datetime,
    anew: BudgetSnapshot | None,
    recovers_at: Mapping[Decimal, datetime | None] | None,
) -> GatingBudget:
    (
        objective_id, objective, objective_version, service_id, service, environment, target, window_days, remaining,
        burn, coverage, allowed, flags_up, level_stored, level_since, watermark, step, reserved, in_flight,
        evaluated_at, gates_from, measured_minutes, trust, marks, trust_at, typical_cost, _is_behind,
    ) = row  # fmt: skip
    if anew is not None:
        objective_version, remaining, burn, coverage = anew.terms_version, anew.remaining, anew.burn, anew.coverage
        allowed, flags_up, watermark = anew.allowed, anew.flags, anew.watermark
        level_stored, level_since = anew.level, level_since if anew.level == level_stored else at
        evaluated_at, measured_minutes = at, anew.measured_minutes
    if remaining is None:  # to leave it out would open the gate
        raise LookupError(f"{objective} cannot be evaluated.")
    flags = _flags(flags_up, watermark, step or 1, at)
    level = stricter(Level(level_stored), level_of(remaining - reserved))
    return GatingBudget(
        objective_id=objective_id,
        objective=objective,
        objective_version=objective_version,
        service_id=service_id,
        service=service,
        environment=environment,
        target=target,
        window_days=window_days,
        remaining=remaining,
        reserved=reserved,
        headroom=remaining - reserved,
        burn=dict(zip(WINDOWS, burn, strict=True)),
        coverage=coverage,
        flags=flags,
        level=level,
        level_since=level_since,
        state=state_of(level, flags),
        watermark=watermark,
        age_seconds=max(0, int((at - watermark).total_seconds())),
        allowed_failures=allowed,
        reservations_in_flight=in_flight,
        evaluated_at=evaluated_at,
        gates_from=gates_from,
        trust=trust if trust_at is not None and at - trust_at <= TRUST_HOLDS else None,
        trust_marks=marks_seen(marks),
        measured_minutes=measured_minutes,
        typical_cost=typical_cost,
        recovers_at=recovers_at,
    )


def marks_seen(stored: Any) -> tuple[MarkSeen, ...]:
    """The marks in the row of a budget, the gravest first; what is only kept beside them is left out."""
    order = {mark.value: place for place, mark in enumerate(Mark)}
    marks = json.loads(stored) if isinstance(stored, str) else stored
    found = [one for one in marks or [] if one["mark"] in order]
    found.sort(key=lambda one: (order[one["mark"]], one["since"]))
    return tuple(MarkSeen(one["mark"], instant_of(one["since"]), one["indicator"]) for one in found)


def _flags(stored: Collection[str], watermark: datetime, step: int, at: datetime) -> tuple[Flag, ...]:
    up = {Flag(flag) for flag in stored}
    if at - watermark > STALE_AFTER + timedelta(minutes=step - 1):
        up.add(Flag.NO_DATA)
    return tuple(flag for flag in Flag if flag in up)


def behind_parameters(at: datetime) -> dict[str, Any]:
    """What `MEASURED` and `IS_BEHIND` ask for at this instant."""
    return {"at": at, "minute": epoch_minute(at), "evaluated_within": EVALUATED_WITHIN}
