"""What the terms in a form would mean: shown beside it while they are typed, before anything is kept."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from slo.engine.burn import error_budget_ppb
from slo.engine.calendars import Calendar
from slo.engine.methods import PPM, Method
from slo.engine.windows import ALERT_ROWS, MINUTES_PER_DAY, PPB, AlertRow, BudgetBasis, cautions
from slo.measuring.models import Indicator
from slo.objectives.forms.members import MemberRows
from slo.objectives.forms.terms import ObjectiveForm
from slo.objectives.models import Correction, Objective
from slo.objectives.operations.counted_periods import excluded_stretches
from slo.objectives.operations.terms import UNIT_DAYS
from slo.objectives.queries.previews import Asked, Would, would_be
from slo.objectives.queries.wording import count_said, minutes_said, outage_said


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One alert row under these terms. `most` is the burn of a total outage, which `factor` must stay below."""

    row: AlertRow
    factor: Decimal
    can_fire: bool
    chosen: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """`outage` minutes of total outage spend the whole budget; `would` is None where nothing can be said yet."""

    target: str
    window_days: int
    is_rolling: bool
    outage: Decimal
    one_in: int
    most_burn: Decimal
    rows: list[PreviewRow]
    cautions: list[str]
    would: Would | None
    why_not: str
    method: str
    slice_minutes: int

    @property
    def outage_words(self) -> str:
        return outage_said(self.outage)

    @property
    def allowed_words(self) -> str:
        """The whole budget, and what of it is spent: minutes for slices, events for occurrences."""
        if self.would is None or self.allowed is None or self.bad is None:
            return ""
        if self.method == Method.OCCURRENCES:
            words = {"bad": count_said(self.bad), "allowed": count_said(self.allowed)}
            return _("%(bad)s failures of %(allowed)s allowed") % words
        words = {
            "bad": minutes_said(self.bad * self.slice_minutes),
            "allowed": minutes_said(self.allowed * self.slice_minutes),
        }
        return _("%(bad)s of bad time, %(allowed)s allowed") % words

    @property
    def remaining(self) -> Decimal | None:
        return None if self.would is None else _decimal(self.would.remaining)

    @property
    def allowed(self) -> Decimal | None:
        return None if self.would is None else _decimal(self.would.allowed)

    @property
    def bad(self) -> Decimal | None:
        return None if self.would is None else _decimal(self.would.bad)

    @property
    def is_dead(self) -> bool:
        return not any(row.can_fire for row in self.rows)


def preview_of(
    form: ObjectiveForm, rows: MemberRows, at: datetime, objective: Objective | None = None
) -> Preview | None:
    """None while target or window cannot be read. The form was validated, successfully or not."""
    said = form.cleaned_data
    days = _days(said)
    if said.get("target") is None or not 0 < said["target"] < 1 or not days:
        return None
    target: Decimal = said["target"]
    method = Method(said.get("method") or Method.OCCURRENCES)
    budget = error_budget_ppb(target)
    if form.is_composite and method is Method.OCCURRENCES and rows.is_valid():
        budget = _joint_budget(rows, target) or budget
    chosen = said.get("alert_rows") if said.get("alerts") == "chosen" else None
    would, why_not = _would(form, method, days, at, objective)
    return Preview(
        target=f"{(target * 100).normalize():f}\N{NARROW NO-BREAK SPACE}%",
        window_days=days,
        is_rolling=said.get("window") != "calendar",
        outage=_decimal(Fraction(budget * days * MINUTES_PER_DAY, PPB)),
        one_in=round(PPB / budget),
        most_burn=_decimal(Fraction(PPB, budget)),
        rows=[
            PreviewRow(
                row, _decimal(row.factor(days)), row.is_reachable(budget, days), chosen is None or row.long in chosen
            )
            for row in ALERT_ROWS
        ],
        cautions=[one.value for one in cautions(budget, days)],
        would=would,
        why_not=why_not,
        method=method.value,
        slice_minutes=said.get("time_slice_minutes") or 1,
    )


def _days(said: dict[str, Any]) -> int:
    if said.get("window") == "calendar":
        return UNIT_DAYS.get(said.get("calendar_unit") or "", 0) * (said.get("calendar_count") or 1)
    return said.get("window_days") or 0


def _joint_budget(rows: MemberRows, target: Decimal) -> int:
    most = sum(
        (
            Fraction(int(one.weight * PPM), PPM) * Fraction(PPB, error_budget_ppb(one.target))
            for one in rows.terms(target)
            if 0 < one.target < 1
        ),
        Fraction(0),
    )
    return int(PPB / most) if most else 0


def _would(
    form: ObjectiveForm, method: Method, days: int, at: datetime, objective: Objective | None
) -> tuple[Would | None, str]:
    said = form.cleaned_data
    if form.is_composite:
        return None, _("What would be left of a composite is known once it is kept.")
    known = Indicator.objects.filter(slug=said.get("indicator") or "").first()
    if known is None:
        return None, _("Nothing is measured yet, so nothing can be said about what would be left.")
    if {"calendar_zone", "calendar_count", "calendar_start", "time_slice_target"} & set(form.errors):
        return None, ""
    asked = Asked(
        said["target"], method, said.get("time_slice_minutes") or 1, said.get("time_slice_target"),
        said.get("missing_slices") or "excluded", days, _calendar(said),
        said.get("budget_basis") or BudgetBasis.FULL_WINDOW.value,
    )  # fmt: skip
    masked = (
        excluded_stretches(Correction.objects.masking().filter(objective=objective)) if objective is not None else ()
    )
    found = would_be(known, asked, at, masked)
    return found, "" if found else _("The indicator has no measurements that could be evaluated like this here.")


def _calendar(said: dict[str, Any]) -> Calendar | None:
    if said.get("window") != "calendar":
        return None
    start = datetime.fromisoformat(said["calendar_start"]) if said.get("calendar_start") else None
    return Calendar(said["calendar_unit"], said.get("calendar_count") or 1, said["calendar_zone"], start)


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
