"""Definitions to OpenSLO v1: data sources, services, then one SLO each, indicators inline.

The text passes the strict rules, and importing it gives the same definitions back; what OpenSLO has no
field for stands in annotations (`slo.openslo.formats.definitions` lists them).
"""

import json
from collections.abc import Iterable
from datetime import UTC
from decimal import Decimal
from typing import Any

from slo.openslo.formats import annotations as words
from slo.openslo.formats.definitions import (
    CalendarDefinition,
    DataSourceDefinition,
    MemberDefinition,
    ObjectiveDefinition,
    ServiceDefinition,
)
from slo.openslo.formats.exporting_parts import comparison, described, indicator_document, metadata
from slo.openslo.formats.rules import VERSION
from slo.openslo.formats.rules_metadata import is_label_key
from slo.openslo.formats.targets import composite_target
from slo.openslo.formats.writing import yaml_of

_METHODS = {"occurrences": "Occurrences", "timeslices": "Timeslices", "ratio_timeslices": "RatioTimeslices"}
_UNITS = {"week": "w", "month": "M", "quarter": "Q", "year": "Y"}
# For windows without a start of their own: the first Monday of 1970 begins a week, its first day all else.
_STARTS = {"week": "1970-01-05 00:00:00"}
_USUAL_START = "1970-01-01 00:00:00"


def export(
    objectives: Iterable[ObjectiveDefinition],
    *,
    services: Iterable[ServiceDefinition] = (),
    data_sources: Iterable[DataSourceDefinition] = (),
) -> str:
    """YAML text, several documents."""
    return yaml_of(documents(objectives, services=services, data_sources=data_sources))


def documents(
    objectives: Iterable[ObjectiveDefinition],
    *,
    services: Iterable[ServiceDefinition] = (),
    data_sources: Iterable[DataSourceDefinition] = (),
) -> list[dict[str, Any]]:
    """The same as values; numbers are Decimal or int."""
    return [
        *(_data_source(one) for one in data_sources),
        *(_service(one) for one in services),
        *(_slo(one) for one in objectives),
    ]


def _document(kind: str, about: dict[str, Any], spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": VERSION, "kind": kind, "metadata": about, "spec": spec}


def _data_source(source: DataSourceDefinition) -> dict[str, Any]:
    details = {"url": source.url} if source.url else {}
    about = metadata(source.slug, source.name, "")
    return _document("DataSource", about, {"type": source.type, "connectionDetails": details})


def _service(service: ServiceDefinition) -> dict[str, Any]:
    about = metadata(service.slug, service.name, service.description)
    return _document("Service", about, described(service.description))


def _slo(objective: ObjectiveDefinition) -> dict[str, Any]:
    about = metadata(objective.slug, objective.name, objective.description, _labels(objective), _annotations(objective))
    indicator = {"indicator": indicator_document(objective.indicator)} if objective.indicator else {}
    spec = described(
        objective.description,
        service=objective.service,
        **indicator,
        timeWindow=[_window(objective)],
        budgetingMethod=_METHODS[objective.method],
        objectives=_objectives(objective),
    )
    return _document("SLO", about, spec)


def _labels(objective: ObjectiveDefinition) -> dict[str, list[str]]:
    return {key: found for key, found in objective.labels.items() if is_label_key(key)}


def _annotations(objective: ObjectiveDefinition) -> dict[str, str]:
    noted = dict(objective.annotations)
    if objective.environment != words.DEFAULT_ENVIRONMENT:
        noted[words.ENVIRONMENT] = objective.environment
    if not objective.gating:
        noted[words.GATING] = "false"
    if objective.gates_from is not None:
        noted[words.GATES_FROM] = objective.gates_from.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if objective.alert_rows is not None:
        noted[words.ROWS] = ",".join(objective.alert_rows)
    if objective.members and objective.target != composite_target(objective.method, objective.members):
        noted[words.TARGET] = format(objective.target, "f")
    if objective.calendar and objective.calendar.start is None:
        noted[words.CALENDAR_START] = words.DEFAULT_START
    if objective.missing_slices != "excluded":
        noted[words.MISSING_SLICES] = objective.missing_slices
    if objective.budget_basis != "full_window":
        noted[words.BUDGET_BASIS] = objective.budget_basis
    if more := {key: found for key, found in objective.labels.items() if not is_label_key(key)}:
        noted[words.LABELS] = json.dumps(more, ensure_ascii=False, sort_keys=True)
    return noted


def _window(objective: ObjectiveDefinition) -> dict[str, Any]:
    if objective.calendar:
        return _calendar(objective.calendar)
    return {"duration": f"{objective.window_days}d", "isRolling": True}


def _calendar(calendar: CalendarDefinition) -> dict[str, Any]:
    start = calendar.start or _STARTS.get(calendar.unit, _USUAL_START)
    return {
        "duration": f"{calendar.count}{_UNITS[calendar.unit]}",
        "isRolling": False,
        "calendar": {"startTime": start, "timeZone": calendar.zone},
    }


def _objectives(objective: ObjectiveDefinition) -> list[dict[str, Any]]:
    slices = {} if objective.time_slice_minutes is None else {"timeSliceWindow": f"{objective.time_slice_minutes}m"}
    if objective.members:
        return [_member(member) | slices for member in objective.members]
    terms = comparison(objective.indicator) | {"target": objective.target}
    return [terms | _slice_target(objective.time_slice_target) | slices]


def _member(member: MemberDefinition) -> dict[str, Any]:
    return {
        "indicator": indicator_document(member.indicator),
        **comparison(member.indicator),
        "target": member.target,
        "compositeWeight": member.weight,
        **_slice_target(member.time_slice_target),
    }


def _slice_target(target: Decimal | None) -> dict[str, Any]:
    return {} if target is None else {"timeSliceTarget": target}
