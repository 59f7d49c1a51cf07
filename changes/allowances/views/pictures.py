"""Allowances as pictures: what is left of a share, and weeks as columns. Sizes are those of the drawings' boxes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from changes.allowances.models import Allowance
from changes.allowances.queries.spending import Spent, Went
from itsm.ui.figures import percent

WIDE, HIGH = 240, 48
# From the ground up: what is known to be good, what went wrong, what came to nothing, what is not known yet.
_ORDER = (Went.VERIFIED, Went.FAILED, Went.UNUSED, Went.IN_FLIGHT)


@dataclass(frozen=True, slots=True)
class Line:
    """An allowance with what a row of it shows. `columns`: of its weeks; `given`, `left`: of 100 across."""

    allowance: Allowance
    spent: Spent
    columns: list[dict[str, Any]]
    given: str
    left: str


def words_of() -> dict[Went, str]:
    """What became of a draw, in the reader's language."""
    return {
        Went.VERIFIED: _("verified"),
        Went.FAILED: _("failed"),
        Went.UNUSED: _("not used"),
        Went.IN_FLIGHT: _("in flight"),
    }


def lines(allowances: Collection[Allowance], spent: dict[int, Spent]) -> list[Line]:
    """All to one scale, so that who draws more is seen to."""
    highest = max((_height(one) for one in spent.values()), default=Decimal(0))
    return [
        Line(one, spent[one.pk], columns(spent[one.pk], highest), _across(one.share), _across(one.left))
        for one in allowances
    ]


def columns(spent: Spent, highest: Decimal | None = None) -> list[dict[str, Any]]:
    """The parts of each week, stacked."""
    top = _height(spent) if highest is None else highest
    if not top:
        return []
    step, words, found = Decimal(WIDE) / len(spent.weeks), words_of(), []
    for place, (week, parts) in enumerate(spent.weeks.items()):
        ground = Decimal(HIGH)
        for went in _ORDER:
            if amount := parts.get(went):
                high = amount / top * HIGH
                ground -= high
                found.append(_part(step, place, week, went.value, ground, high, f"{percent(amount)} {words[went]}"))
    return found


def _part(
    step: Decimal, place: int, week: datetime, went: str, ground: Decimal, high: Decimal, said: str
) -> dict[str, Any]:
    return {
        "kind": went, "at": week, "said": said, "x": f"{step * place + step / 10:.1f}", "y": f"{ground:.2f}",
        "width": f"{step * 8 / 10:.1f}", "height": f"{max(high, Decimal(1)):.2f}",
    }  # fmt: skip


def _height(spent: Spent) -> Decimal:
    return max((sum(parts.values(), Decimal(0)) for parts in spent.weeks.values()), default=Decimal(0))


def _across(share: Decimal) -> str:
    return f"{share * 100:.2f}"
