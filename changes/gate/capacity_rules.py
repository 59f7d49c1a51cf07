"""What the forecast of capacity asks, where the policy says so: people, for a change on or after the soonest day.

Promise: a limit that may be met before the change is over leads to people, and so does every forecast that cannot show
that it will not: missing, stale, made of too little, not far enough, or resting on the word of who wants the change.
They are asked for the same either way: silence is never kinder than bad news.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from changes.gate.calendar_rules import window_of
from changes.gate.capacity_evidence import CapacityForecast
from changes.gate.limits import CapacityRule
from changes.gate.measures import instant_text
from changes.gate.rule_results import RuleResult
from changes.gate.table import EXCEPTION_ROWS
from changes.gate.usable_evidence import UsableEvidence
from changes.gate.verdict import Reason
from changes.gate.vocabulary import Row


def capacity_asks(case: UsableEvidence, row: Row) -> Iterator[RuleResult]:
    """Nothing without a rule in the policy, in other environments, and of a proven way back.

    An emergency has its own authority, who is told and decides.
    """
    rule = case.policy.capacity
    if rule is None or case.non_production or row in EXCEPTION_ROWS:
        return
    asked = None if row is Row.EMERGENCY else rule.asks_for
    fact = case.evidence.capacity
    source, age = (fact.source, fact.age_at(case.at)) if fact else ("", None)
    for code, values in worries(case, rule):
        yield RuleResult(asked, Reason(code, asked, values, source=source, age_seconds=age))


def worries(case: UsableEvidence, rule: CapacityRule) -> Iterator[tuple[str, dict[str, str]]]:
    """What is to be feared, or cannot be told: code and values of each, in the order of the evidence."""
    capacity, service = case.capacity, case.change.service
    if capacity is None:
        yield "capacity_unknown", {"service": service, "because": case.capacity_trouble or "missing"}
        return
    if capacity.truncated is not False:
        yield "capacity_unknown", {"service": service, "because": "truncated"}
    _starts, ends = span_of(case)
    for one in capacity.forecasts:
        values = {"measure": one.measure, "item": one.item}
        if one.soonest is not None and ends > one.soonest:
            yield "capacity_runs_out", {**values, "soonest": instant_text(one.soonest), "ends_at": instant_text(ends)}
        elif because := unusable(one, rule, case.at, ends):
            yield "capacity_unusable", {**values, "because": because}


def span_of(case: UsableEvidence) -> tuple[datetime, datetime]:
    """When the change may run: its window, else as long as an approval by policy is good."""
    starts, ends = window_of(case)
    return starts, ends if ends > starts else starts + timedelta(minutes=case.limits.approval_minutes)


def unusable(one: CapacityForecast, rule: CapacityRule, at: datetime, ends: datetime) -> str:
    """Why a forecast does not show that its limit is out of sight until then; "" where it does."""
    if one.retired is not False:
        return "retired_by_asker"
    if one.made_at is None or one.measured_until is None or one.sees_until is None:
        return "too_little" if one.too_little else "never_forecast"
    if one.too_little is not False:
        return "too_little"
    if max(one.made_at, one.measured_until) > at:
        return "from_the_future"
    if at - min(one.made_at, one.measured_until) > timedelta(seconds=rule.fresh_for_seconds):
        return "stale"
    if one.sees_until < ends:
        return "not_so_far"
    if one.by_interested is not False:
        return "sent_by_asker"
    return "sent_by_team" if one.by_team is not False and not rule.believes_owner_team else ""
