"""What a definition says as columns of an objective, and how that differs from what stands there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

from django.utils.translation import gettext, ngettext

from slo.engine.methods import Method
from slo.measuring.formats.counters import NotCounters, increases
from slo.measuring.models import Indicator
from slo.objectives.models import Objective
from slo.objectives.operations.terms import normalise_terms
from slo.objectives.queries.members import MemberTerms
from slo.openslo.formats import DocumentRef, Finding, MemberDefinition, ObjectiveDefinition

Action = Literal["created", "updated", "unchanged", "pruned", "waits"]
NOTHING = "–"  # what stands for the value that was not there before
_QUERIES = ("good", "bad", "total", "value")
_WEIGHT_STEP = Decimal("0.000001")
# Where the fields that an operation complains of stand in a document.
_PATHS = {
    "alert_rows": "metadata.annotations['headroom/alert-rows']",
    "budget_basis": "metadata.annotations['headroom/budget-basis']",
    "calendar": "spec.timeWindow[0]",
    "gates_from": "metadata.annotations['headroom/gates-from']",
    "indicator": "spec.indicator",
    "members": "spec.objectives",
    "method": "spec.budgetingMethod",
    "missing_slices": "metadata.annotations['headroom/missing-slices']",
    "target": "spec.objectives[0].target",
    "time_slice_minutes": "spec.objectives[0].timeSliceWindow",
    "time_slice_target": "spec.objectives[0].timeSliceTarget",
    "url": "spec.connectionDetails",
    "window_days": "spec.timeWindow[0].duration",
}


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one thing; "waits": a second person confirms it first.

    `kind`: service, data_source, indicator, objective. `fields`: name -> (old, new).
    """

    kind: str
    slug: str
    action: Action
    fields: Mapping[str, tuple[str, str]] = field(default_factory=dict)


class CannotDeclare(Exception):
    """One finding about the definition at hand, and perhaps `more` that were seen at the same time."""

    def __init__(self, path: str, rule: str, message: str, more: "Sequence[CannotDeclare]" = ()) -> None:
        super().__init__(message)
        self.path, self.rule, self.message, self.more = path, rule, message, more

    def finding(self, document: DocumentRef | str) -> Finding:
        """The same as an error about a place in a document."""
        return Finding(str(document), place_of(document, self.path), self.rule, self.message, "error")


def place_of(document: DocumentRef | str, path: str) -> str:
    """The path as the document's author knows it."""
    return document.place(path) if isinstance(document, DocumentRef) else path


def path_of(fields: Mapping[str, Any]) -> str:
    """The place of the first field that an operation refused."""
    return next((_PATHS[name] for name in fields if name in _PATHS), "spec")


def columns_of(wanted: ObjectiveDefinition, indicator: Indicator | None) -> dict[str, Any]:
    """Everything that may be edited, as `create_objective` and `edit_objective` take it.

    A file that does not say from when a new objective decides leaves that as it stands.
    """
    begins = {} if wanted.gates_from is None else {"gates_from": wanted.gates_from}
    return begins | {
        "name": wanted.name,
        "description": wanted.description,
        "gating": wanted.gating,
        "alert_rows": None if wanted.alert_rows is None else list(wanted.alert_rows),
        "labels": wanted.labels,
        "annotations": wanted.annotations,
        "indicator": indicator,
        "target": wanted.target,
        "method": wanted.method,
        "time_slice_target": wanted.time_slice_target,
        "time_slice_minutes": wanted.time_slice_minutes,
        "missing_slices": wanted.missing_slices,
        "budget_basis": wanted.budget_basis,
        **_window(wanted),
    }


def _window(wanted: ObjectiveDefinition) -> dict[str, Any]:
    calendar = wanted.calendar
    if calendar is None:
        return normalise_terms({"window_days": wanted.window_days, "calendar": None})
    said = {"unit": calendar.unit, "zone": calendar.zone, "count": calendar.count, "start": calendar.start}
    return normalise_terms({"calendar": said})


def member_terms(member: MemberDefinition, indicator: Indicator) -> MemberTerms:
    """A member's terms as they are kept: its weight rounded to the column's step."""
    weight = member.weight.quantize(_WEIGHT_STEP)
    return MemberTerms(indicator, member.target, weight, member.time_slice_target)


def with_own_target(columns: dict[str, Any], members: Sequence[MemberTerms], known: Objective | None) -> dict[str, Any]:
    """A composite of time slices keeps a target beside those of its members: the one it has, or their highest."""
    if not members or columns["method"] != Method.TIMESLICES:
        return columns
    kept = known.time_slice_target if known else None
    slice_targets = [one.time_slice_target for one in members if one.time_slice_target is not None]
    return columns | {"time_slice_target": kept if kept is not None else max(slice_targets, default=None)}


def differences(
    known: Objective, known_members: Sequence[MemberTerms], columns: Mapping[str, Any], members: Sequence[MemberTerms]
) -> dict[str, tuple[str, str]]:
    """Field -> (as it stands, as it is wanted), in words; empty where both say the same."""
    found = {
        name: (_shown(getattr(known, name)), _shown(value))
        for name, value in columns.items()
        if not _same(name, getattr(known, name), value)
    }
    before, after = _plain_members(known_members, known), _plain_members(members, known)
    return found | ({} if before == after else {"members": (_members_shown(before), _members_shown(after))})


def begun(columns: Mapping[str, Any], members: Sequence[MemberTerms]) -> dict[str, tuple[str, str]]:
    """What a new objective promises and measures: target, window, and of each indicator its source and queries."""
    measured = [("", columns["indicator"])] if columns["indicator"] else []
    measured += [(f"{one.indicator.slug}: ", one.indicator) for one in members]
    found = {"target": _percent(columns["target"]), "window": _window_shown(columns)}
    if members:
        found["members"] = _members_shown(members)
    for prefix, indicator in measured:
        found[f"{prefix}source"] = (
            indicator.data_source.slug if indicator.data_source else str(indicator.get_source_display())
        )
        found |= {
            f"{prefix}{name}": _growth(query) if indicator.counter else query
            for name in _QUERIES
            if (query := getattr(indicator, f"{name}_query"))
        }
        if indicator.threshold is not None:
            found[f"{prefix}good is"] = f"{indicator.get_op_display()} {_shown(indicator.threshold)}"
    return {name: (NOTHING, said) for name, said in found.items()}


def _growth(query: str) -> str:
    """A counter's query as it is asked."""
    try:
        return increases(query)
    except NotCounters:
        return query


def _percent(share: Decimal) -> str:
    return f"{(share * 100).normalize():f}\N{NARROW NO-BREAK SPACE}%"


def _window_shown(columns: Mapping[str, Any]) -> str:
    unit, count = columns.get("calendar_unit"), columns.get("calendar_count") or 1
    if not unit:
        days: int = columns["window_days"]
        return ngettext("%d day, rolling", "%d days, rolling", days) % days
    words = {"count": count, "unit": Objective.Unit(unit).label, "zone": columns["calendar_zone"]}
    return str(gettext("%(count)d × %(unit)s by the calendar of %(zone)s") % words)


def _same(name: str, old: Any, new: Any) -> bool:
    if name == "alert_rows" and old is not None and new is not None:
        return set(old) == set(new)
    return bool(old == new)


def _plain_members(members: Sequence[MemberTerms], known: Objective) -> list[MemberTerms]:
    """Each with the slice target that it is held to; other methods have none."""
    if known.method != Method.TIMESLICES:
        return [replace(one, time_slice_target=None) for one in members]
    return [replace(one, time_slice_target=one.time_slice_target or known.time_slice_target) for one in members]


def _members_shown(members: Sequence[MemberTerms]) -> str:
    return ", ".join(
        f"{one.indicator.slug} {_shown(one.target)} × {_shown(one.weight)}"
        + (f" ≥ {_shown(one.time_slice_target)}" if one.time_slice_target is not None else "")
        for one in members
    )


def _shown(value: Any) -> str:
    match value:
        case None:
            return NOTHING
        case Decimal():
            return f"{value.normalize():f}"
        case Indicator():
            return value.slug
        case list():
            return ", ".join(value)
        case dict():
            return "; ".join(f"{key}: {_shown(one)}" for key, one in sorted(value.items()))
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value)
