"""What would help against a worry about capacity: to be done before the soonest day, or forecasts that can be used."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from changes.gate.capacity_evidence import CapacityForecast
from changes.gate.capacity_rules import span_of, unusable
from changes.gate.change_evidence import Window
from changes.gate.evidence import Evidence
from changes.gate.measures import instant_text
from changes.gate.remedy import Remedy, remedy
from changes.gate.usable_evidence import UsableEvidence


def capacity_remedies(case: UsableEvidence) -> Iterator[Remedy]:
    """None where the policy does not ask, or nothing is known that could be looked at again."""
    rule, capacity = case.policy.capacity, case.capacity
    if rule is None or capacity is None or case.non_production:
        return
    starts, ends = span_of(case)
    soonest = min((one.soonest for one in capacity.forecasts if one.soonest is not None), default=None)
    if (
        case.change.window is not None
        and soonest is not None
        and soonest < ends
        and soonest - (ends - starts) > case.at
    ):
        earlier = Window(soonest - (ends - starts), soonest)
        yield remedy("done_before", lambda evidence: _with_window(evidence, earlier), {"at": instant_text(soonest)})
    doubtful = [one for one in capacity.forecasts if unusable(one, rule, case.at, ends)]
    if doubtful:
        clear = tuple(_usable(one, case.at, ends) if one in doubtful else one for one in capacity.forecasts)
        values = {"measures": ", ".join(dict.fromkeys(one.measure for one in doubtful))}
        yield remedy("capacity_forecast", lambda evidence: _with_forecasts(evidence, clear), values)


def _usable(one: CapacityForecast, at: datetime, ends: datetime) -> CapacityForecast:
    return CapacityForecast(one.item, one.measure, at, at, ends, one.soonest, one.likely, one.latest)


def _with_window(evidence: Evidence, window: Window) -> Evidence:
    return replace(evidence, change=replace(evidence.change, window=window))


def _with_forecasts(evidence: Evidence, forecasts: tuple[CapacityForecast, ...]) -> Evidence:
    fact = evidence.capacity
    if fact is None or fact.value is None:
        return evidence
    return replace(evidence, capacity=replace(fact, value=replace(fact.value, forecasts=forecasts)))
