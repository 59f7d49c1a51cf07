"""Targets: exact shares, and what a composite promises as a whole."""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any

from django.utils.translation import gettext

from slo.openslo.formats.definitions import MemberDefinition, Method
from slo.openslo.formats.documents import Report
from slo.openslo.formats.shapes import number

PLACES = 9
_STEP = Decimal(1).scaleb(-PLACES)


def target_of(report: Report, path: str, objective: dict[str, Any]) -> Decimal | None:
    """The target as a share, from `target` or `targetPercent`; None with a finding."""
    share = objective.get("target")
    if share is None:
        return fitting_target(report, f"{path}.targetPercent", percent(Decimal(objective["targetPercent"])))
    return fitting_target(report, f"{path}.target", Decimal(share))


def percent(value: Decimal) -> Decimal:
    """A hundredth, exactly."""
    sign, digits, exponent = value.as_tuple()
    return Decimal((sign, digits, int(exponent) - 2)) if isinstance(exponent, int) else value


def is_percentage(report: Report, path: str, value: int | Decimal) -> bool:
    """Whether it lies between 0 and 100; what other tools write in per cent is refused in per cent."""
    before = len(report.findings)
    if value >= 100:
        message = gettext("This has to be less than 100. At 100 % nothing may ever fail, and there is no budget.")
        report.error(path, "out-of-range", message)
    else:
        number(above=Decimal(0))(report, path, value)
    return len(report.findings) == before


def fitting_target(report: Report, path: str, target: Decimal) -> Decimal | None:
    if not 0 < target < 1:
        message = gettext("A target lies between 0 and 1, both excluded; at 0 or 1 there is nothing to budget.")
        report.error(path, "headroom-target-range", message)
    elif _has_too_many_places(target):
        message = gettext("A target has at most nine decimals (as a percentage seven).")
        report.error(path, "headroom-target-places", message)
    else:
        return target
    return None


def slice_target_of(report: Report, path: str, objective: dict[str, Any]) -> Decimal | None:
    found = Decimal(objective["timeSliceTarget"])
    if _has_too_many_places(found):
        message = gettext("A time slice's target has at most nine decimals.")
        report.error(f"{path}.timeSliceTarget", "headroom-slice-target-places", message)
        return None
    return found


def composite_target(method: Method, members: Sequence[MemberDefinition]) -> Decimal:
    """What the members' targets add up to, rounded to nine decimals; not positive when they allow too much.

    Slices: a slice is bad when any member's is, so allowances add up (times the weight for shares of
    slices). Occurrences: the mean of the targets by weight.
    """
    with localcontext() as context:
        context.prec = 200
        if method == "occurrences":
            weights = sum((member.weight for member in members), Decimal(0))
            share = sum((member.weight * member.target for member in members), Decimal(0)) / weights
        else:
            slices = method == "timeslices"
            allowed = ((1 if slices else member.weight) * (1 - member.target) for member in members)
            share = 1 - sum(allowed, Decimal(0))
        return share.quantize(_STEP, ROUND_HALF_EVEN).normalize()


def _has_too_many_places(value: Decimal) -> bool:
    """Zeros at the end do not count."""
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        return True
    zeros = len(digits) - len("".join(map(str, digits)).rstrip("0"))
    return exponent + zeros < -PLACES
