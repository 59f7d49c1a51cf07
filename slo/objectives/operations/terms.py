"""Terms of an objective: put together from what was said, checked, and kept as a version."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from itsm.kernel.errors import InvalidInput
from slo.engine.burn import error_budget_ppb
from slo.engine.calendars import Calendar
from slo.engine.methods import SLICE_MINUTES, Method, MissingSlices
from slo.engine.windows import ALERT_ROWS, LONGEST_WINDOW_DAYS, PPB, SHORTEST_WINDOW_DAYS, BudgetBasis
from slo.objectives.models import Objective, ObjectiveVersion, VersionMember
from slo.objectives.queries.members import MemberTerms, effective_budget_ppb

# What a version keeps; changing one of these makes a new one.
COLUMNS = (
    "indicator_id", "target", "method", "time_slice_target", "time_slice_minutes", "missing_slices", "window_days",
    "calendar_unit", "calendar_count", "calendar_zone", "calendar_start", "budget_basis",
)  # fmt: skip
# The longest that a period of each unit lasts, in days.
UNIT_DAYS = {"week": 7, "month": 31, "quarter": 92, "year": 366}
MAX_MEMBERS = 20


def normalise_terms(said: Mapping[str, Any]) -> dict[str, Any]:
    """What was said about terms as columns: `calendar` {unit, zone, count, start} becomes its four; null is rolling."""
    columns = dict(said)
    if "calendar" not in columns:
        return columns
    calendar = columns.pop("calendar")
    if calendar is None:
        return columns | {"calendar_unit": "", "calendar_zone": "", "calendar_count": 1, "calendar_start": ""}
    unit, count = calendar["unit"], calendar.get("count") or 1
    return columns | {
        "calendar_unit": unit,
        "calendar_zone": calendar["zone"],
        "calendar_count": count,
        "calendar_start": calendar.get("start") or "",
        "window_days": UNIT_DAYS.get(unit, 0) * count,
    }


def check_terms(objective: Objective, members: Sequence[MemberTerms]) -> None:
    """InvalidInput, with a word for each field, where these terms cannot be kept or could never alert."""
    wrong = {**_wrong_window(objective), **_wrong_slices(objective), **_wrong_members(objective, members)}
    _check_target(objective.target, wrong, "target")
    for one in members:
        _check_target(one.target, wrong, "members")
    if wrong:
        raise InvalidInput(" ".join(dict.fromkeys(words[0] for words in wrong.values())), wrong)
    _check_alert_rows(objective, effective_budget_ppb(objective, members))


def _check_alert_rows(objective: Objective, budget: int) -> None:
    """Rows that somebody asked for must be able to fire; without a choice at least one of all must."""
    reachable = {row.long for row in ALERT_ROWS if row.is_reachable(budget, objective.window_days)}
    asked = objective.alert_rows
    if asked is None and not reachable:
        raise InvalidInput(
            gettext("With so large a budget even a total outage could never alert."),
            {"target": [gettext("no burn alert could fire")]},
        )
    for name in asked or []:
        if name not in {row.long for row in ALERT_ROWS}:
            raise InvalidInput(
                gettext("Alert rows are 1h, 6h, 1d and 3d."), {"alert_rows": [gettext("1h, 6h, 1d or 3d")]}
            )
        if name not in reachable:
            _refuse_row(objective, name, budget)


def _refuse_row(objective: Objective, name: str, budget: int) -> None:
    row = next(row for row in ALERT_ROWS if row.long == name)
    words = {
        "row": name,
        "factor": f"{float(row.factor(objective.window_days)):.4g}",
        "most": f"{PPB / budget:.4g}",
    }
    raise InvalidInput(
        gettext(
            "The %(row)s row can never fire: it needs a burn above %(factor)s, "
            "and even a total outage burns at %(most)s."
        )
        % words,
        {"alert_rows": [gettext("%(row)s can never fire") % words]},
    )


def keep_version(
    objective: Objective, members: Sequence[MemberTerms], *, by: str, at: datetime, from_minute: int
) -> ObjectiveVersion:
    """Write the objective's terms as its newest version."""
    version = ObjectiveVersion.objects.create(
        objective=objective, number=objective.terms_version, from_minute=from_minute, made_at=at, made_by=by[:150],
        **{name: getattr(objective, name) for name in COLUMNS},
    )  # fmt: skip
    VersionMember.objects.bulk_create(
        VersionMember(
            version=version,
            place=place,
            indicator=one.indicator,
            target=one.target,
            weight=one.weight,
            time_slice_target=one.time_slice_target,
        )
        for place, one in enumerate(members)
    )
    return version


def _check_target(target: Decimal, wrong: dict[str, list[str]], field: str) -> None:
    try:
        error_budget_ppb(target)
    except ValueError as error:
        wrong.setdefault(field, [str(error)])


def _wrong_window(objective: Objective) -> dict[str, list[str]]:
    if objective.calendar_unit:
        try:
            start = datetime.fromisoformat(objective.calendar_start) if objective.calendar_start else None
            Calendar(objective.calendar_unit, objective.calendar_count, objective.calendar_zone, start)
        except ValueError as error:
            return {"calendar": [str(error)]}
    if not SHORTEST_WINDOW_DAYS <= objective.window_days <= LONGEST_WINDOW_DAYS:
        return {"window_days": [gettext("A window has 7 to 366 days.")]}
    if objective.budget_basis not in set(BudgetBasis):
        return {"budget_basis": [gettext("full_window or elapsed.")]}
    return {}


def _wrong_slices(objective: Objective) -> dict[str, list[str]]:
    method, slice_target, minutes = objective.method, objective.time_slice_target, objective.time_slice_minutes
    if method not in set(Method):
        return {"method": [gettext("occurrences, timeslices or ratio_timeslices.")]}
    wrong: dict[str, list[str]] = {}
    if (method == Method.TIMESLICES) != (slice_target is not None):
        wrong["time_slice_target"] = [gettext("Timeslices, and no other method, need the target of a slice.")]
    elif slice_target is not None and not 0 < slice_target <= 1:
        wrong["time_slice_target"] = [gettext("The target of a slice lies above 0 and at most at 1.")]
    if (method == Method.OCCURRENCES) == (minutes is not None):
        wrong["time_slice_minutes"] = [gettext("Slices have a length in minutes; occurrences have none.")]
    elif minutes is not None and minutes not in SLICE_MINUTES:
        wrong["time_slice_minutes"] = [gettext("A slice lasts a number of minutes that divides an hour.")]
    if objective.missing_slices not in set(MissingSlices):
        wrong["missing_slices"] = [gettext("excluded, good or bad.")]
    elif method == Method.OCCURRENCES and objective.missing_slices != MissingSlices.EXCLUDED:
        wrong["missing_slices"] = [gettext("Only slices can be missing.")]
    return wrong


def _wrong_members(objective: Objective, members: Sequence[MemberTerms]) -> dict[str, list[str]]:
    if bool(members) == (objective.indicator_id is not None):
        return {"indicator": [gettext("An objective has one indicator, or members.")]}
    if not members:
        return {}
    if not 2 <= len(members) <= MAX_MEMBERS or len({one.indicator.pk for one in members}) < len(members):
        return {"members": [gettext("A composite has 2 to 20 members, each with another indicator.")]}
    if any(not one.weight.is_finite() or not Decimal("0.000001") <= one.weight <= 1000 for one in members):
        return {"members": [gettext("A weight lies above 0 and at most at 1000.")]}
    steps = {one.indicator.step_minutes for one in members}
    if objective.method != Method.OCCURRENCES and max(steps) > (objective.time_slice_minutes or 1):
        return {"time_slice_minutes": [gettext("A slice is no shorter than the time between two measurements.")]}
    return {}
