"""What surrounds a question, read in one statement: calendar, conflicts, incidents, history, words about its artifact.

And, for emergencies alone, how their path has been used.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count, Q
from django.utils.crypto import salted_hmac

from changes.calendar.queries.occurrences import IN_SCOPE, TO_COME, UPSTREAM
from changes.calendar.rules.bounds import within
from changes.change.models import Change, Evaluation
from changes.change.workflow import IN_FLIGHT, WAITING, Status
from changes.gate.artifacts import is_immutable
from changes.gate.evidence import (
    CONFIDENTIAL,
    Allowance,
    Allowances,
    Calendar,
    CalendarEntry,
    Conflict,
    EmergencyPath,
    OpenIncident,
    SafeMode,
)
from incidents.incident.workflow import OPEN
from itsm.kernel.references import reference
from itsm.prepared import Prepared

FAILED_LATELY = timedelta(hours=24)
FAILED_HERE = timedelta(days=90)  # in the same maintenance that recurs
# A change asked for without a window may start as long as an approval by policy is good, and takes its time.
NOW_LASTS = timedelta(hours=1)
RUNS_FOR = timedelta(hours=6)  # the longest deployment and its watch
EMERGENCY_SPAN = timedelta(days=90)
SAID_WITHIN = timedelta(days=30)
AUDITED_WITHIN = timedelta(minutes=5)  # an auditor of the invariants that is silent for longer proves nothing
_MAX_CONFLICTS = 20


def _about_windows(text: str) -> str:
    """The scope of windows, of one service: compared with one, the general plan is as good as one for the values."""
    scope = IN_SCOPE.replace("ANY (%(concerned)s)", "%(service)s")
    upstream = UPSTREAM.replace("ANY (%(concerned)s)", "%(service)s")
    return text.replace("{upstream}", upstream).replace("{in_scope}", scope).replace("{to_come}", TO_COME)


_TYPES = {
    **dict.fromkeys(("service", "implementer", "change", "model"), "bigint"),
    **dict.fromkeys(("services", "interested", "items", "run_on"), "bigint[]"),
    **dict.fromkeys(("at", "starts", "ends", "ends_after", "starts_before", "window_starts"), "timestamptz"),
    **dict.fromkeys(("failed_since", "failed_here_since", "said_since", "audited_since"), "timestamptz"),
    **dict.fromkeys(("environment", "digest"), "text"),
    "runs_for": "interval",
    "most_conflicts": "int",
    "open": "text[]",
}


@cache
def _statement(**has: bool) -> Prepared:
    """The statement for a proposal that has what it says, without what would find nothing for any other."""
    text = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    for part, wanted in has.items():
        if not wanted:
            text = re.sub(rf"-- \[{part}\n.*?-- {part}\]\n", "", text, flags=re.DOTALL)
    name = "_".join(["change_context", *(part for part, wanted in has.items() if wanted)])
    return Prepared(name, _about_windows(text), **_TYPES)


class AttestedResult(NamedTuple):
    """The strictest that somebody without interest, who may be believed, says about the artifact."""

    about: str
    passed: int
    failed: int
    source: str
    by_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class ChangeHistory:
    """How changes of this service and model have gone; weights are as of `as_of`."""

    runs: int
    weighted_runs: Decimal
    weighted_failures: Decimal
    recent: list[bool]
    as_of: datetime


class ConflictingChange(NamedTuple):
    """A change that may be in the way. `shares_items`: it names an item that this one names, too."""

    id: int
    status: str
    environment: str
    service_id: int
    implementer_id: int | None
    shares_items: bool
    window_start: datetime | None
    window_end: datetime | None


@dataclass(frozen=True, slots=True)
class ChangeContext:
    """What is known of the calendar, incidents and people around a change, at one instant."""

    calendar: Calendar
    incidents: tuple[OpenIncident, ...]
    confidential: Mapping[str, str]  # reference -> the word by which evidence names one of a confidential queue
    past: ChangeHistory | None
    words: Mapping[str, AttestedResult]
    accounts: tuple[int, ...]  # every account of the natural persons with an interest
    held: Mapping[int, Decimal]  # objective id -> what they hold of its budget
    they_measure: bool  # any indicator at all: then it is worth asking what they measure alone
    is_watched: bool  # any measure of capacity: then it is worth asking what is forecast
    is_production: bool  # the register says so of its environment, or does not know it
    unsafe: SafeMode | None  # why nothing goes without people, whatever the policy says
    in_shadow: bool  # the gate's answer about its service is recorded, and does not bind
    allowances: Allowances | None  # of its agents, and of its people's teams; None where it has neither


def change_context(
    evaluation: Evaluation, reached: Collection[int], run_on: Collection[int], at: datetime
) -> ChangeContext:
    """`reached`: ids of the services that the change reaches through others; `run_on`: of what it touches and what that
    runs on. One query.
    """
    change = evaluation.change
    has = {"window": change.window is not None, "items": bool(change.items)}
    statement = _statement(**has, implementer=change.implementer_id is not None)
    with connection.cursor() as cursor:
        statement.run(cursor, _parameters(evaluation, reached, at) | {"run_on": list(run_on)})
        entries, others, major_or_p1, past, words, neighbours, accounts, held, they_measure, *rest = cursor.fetchone()
    lifted, left, is_watched, is_production, violated, unaudited_since, in_shadow, agents, allowed = rest
    related = dict.fromkeys(reached, "reached_service") | dict.fromkeys(neighbours or (), "related_ci")
    conflicts = tuple(
        Conflict(kind, reference("CHG", other.id))
        for other in map(_other, others or ())
        for kind in _kinds(other, evaluation, related)
    ) + tuple(Conflict(kind="window", reference=name) for name in left or ())
    return ChangeContext(
        Calendar(tuple(map(_entry, entries or ())), conflicts, tuple(lifted or ())),
        tuple(map(_incident, major_or_p1 or ())),
        {reference("INC", row[0]): _unnamed(row[0]) for row in major_or_p1 or () if row[-1]},
        None
        if past is None
        else ChangeHistory(past[0], Decimal(past[1]), Decimal(past[2]), past[3], _instant(past[4])),
        {
            word[0]: AttestedResult(word[0], word[1], word[2], word[3], word[4], _instant(word[5]))
            for word in words or ()
        },
        tuple(accounts or ()),
        {int(objective_id): Decimal(ratio) for objective_id, ratio in (held or {}).items()},
        they_measure,
        is_watched,
        is_production,
        SafeMode(tuple(violated or ()), unaudited_since) if violated or unaudited_since else None,
        in_shadow,
        _allowances(agents or (), allowed or ()),
    )


def _parameters(evaluation: Evaluation, reached: Collection[int], at: datetime) -> dict[str, Any]:
    change = evaluation.change
    starts, ends = change.window or (at, at + timedelta(seconds=1))
    begins, until = change.window or (at, at + NOW_LASTS)
    return {
        "service": change.service.pk,
        "services": [change.service.pk, *reached],
        "items": change.items,
        "environment": change.environment,
        "ends_after": min(at, starts),
        "window_starts": starts,
        "starts_before": ends,
        "at": at,
        "starts": begins,
        "ends": until,
        "runs_for": RUNS_FOR,
        "implementer": change.implementer_id,
        "failed_since": within(begins) - FAILED_LATELY,
        "failed_here_since": within(begins) - FAILED_HERE,
        "change": evaluation.change_id or 0,  # itself is no conflict
        "most_conflicts": _MAX_CONFLICTS,
        "open": [status.value for status in OPEN],
        "model": change.model.pk if change.model else None,
        # What can be moved is proof of nothing: there are no words about it.
        "digest": change.artifact_digest if is_immutable(change.artifact_digest) else None,
        "said_since": at - SAID_WITHIN,
        "audited_since": at - AUDITED_WITHIN,
        "interested": list(change.interested),
    }


def _allowances(agents: Collection[Any], allowed: Collection[Any]) -> Allowances | None:
    """Those that were given, and of each agent without one that it has none."""
    given = [
        Allowance(
            holder,
            reference=f"allowance-{number}",
            share=Decimal(share),
            left=Decimal(left),
            drawn={slug: Decimal(ratio) for slug, ratio in sorted((drawn or {}).items())},
            by_interested=by_interested,
        )
        for number, _agent, holder, share, left, by_interested, drawn in allowed
    ]
    have = {agent for _number, agent, *_rest in allowed}
    without = [Allowance(f"agent:{name}") for agent, name in agents if agent not in have]
    found = sorted((*given, *without), key=lambda one: one.holder)
    return Allowances(tuple(found)) if found else None


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _entry(row: list[Any]) -> CalendarEntry:
    kinds = tuple(row[4]) if row[4] else None
    return CalendarEntry(row[0], row[1], _instant(row[2]), _instant(row[3]), kinds)


def _other(row: list[Any]) -> ConflictingChange:
    return ConflictingChange(*row[:6], *(None if text is None else _instant(text) for text in row[6:]))


def _incident(row: list[Any]) -> OpenIncident:
    number, slug, priority, major, alert, confirmed_by, is_confidential = row
    confirmed = () if confirmed_by is None else (f"user:{confirmed_by}",)
    named = _unnamed(number) if is_confidential else reference("INC", number)
    return OpenIncident(named, slug or "", priority, major, alert=alert, confirmed_by=confirmed)


def _unnamed(number: int) -> str:
    """A word for an incident of a confidential queue: always the same, so that it is compared, and telling nothing."""
    return CONFIDENTIAL + salted_hmac("changes: incident in evidence", str(number)).hexdigest()[:16]


def _kinds(other: ConflictingChange, evaluation: Evaluation, related: Mapping[int, str]) -> list[str]:
    """Of the seven kinds, those that hold."""
    change = evaluation.change
    found: list[str] = []
    if other.status not in (*IN_FLIGHT, *WAITING):
        return ["failed_in_window"]
    here = other.environment == change.environment
    if other.service_id == change.service.pk and here:
        # Beside it, scheduled or waiting, is the same CI; one that runs right now holds the target itself.
        found.append("deployment_target" if other.status == Status.RUNNING else "same_ci")
    elif other.shares_items:
        found.append("same_ci")
    elif here and other.service_id in related and other.status == Status.RUNNING:
        found.append(related[other.service_id])
    if here and change.window and _overlap(other, change.window):
        found.append("window")
    if change.implementer_id and other.implementer_id == change.implementer_id:
        found.append("implementer")
    return found


def _overlap(other: ConflictingChange, window: tuple[datetime, datetime]) -> bool:
    if other.window_start is None or other.window_end is None:
        return False
    return other.window_start < window[1] and window[0] < other.window_end


def emergency_path(team_id: int | None, at: datetime) -> EmergencyPath:
    """The share of emergencies among the team's changes of 90 days, and reviews that are overdue."""
    counted = Change.objects.filter(service__team=team_id, created_at__gt=at - EMERGENCY_SPAN).aggregate(
        all=Count("pk"), emergencies=Count("pk", filter=Q(change_class="emergency"))
    )
    overdue = Change.objects.filter(
        service__team=team_id,
        change_class="emergency",
        review_due_at__lt=at,
        reviewed_at=None,
    ).count()
    share = Decimal(counted["emergencies"]) / counted["all"] if counted["all"] else Decimal(0)
    return EmergencyPath(share.quantize(Decimal("0.000001")), overdue)
