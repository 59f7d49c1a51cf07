"""The answer to a "what if", beside the budget as it stands, with the formulas that gave it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from slo.engine.burn import rounded_down, rounded_up
from slo.engine.forecast import BudgetPosition, Forecast, what_if, whole_minutes
from slo.engine.methods import Method
from slo.engine.windows import PPB
from slo.objectives.models import Objective
from slo.objectives.queries import wording
from slo.objectives.queries.objective_page.arithmetic import arithmetic
from slo.objectives.queries.objective_page.exhaustion import position

# What is asked while nobody has asked anything.
NOTHING: Mapping[str, Any] = {
    "traffic": Decimal(1), "target": None, "outage_minutes": 0, "outage_share": Decimal(1), "pace": "1h",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Future:
    """One outlook as pages show it: shares rounded to the strict side, None minutes for never."""

    remaining: Decimal
    burn: Decimal
    spent_by_outage: Decimal
    minutes: int | None
    outages_left: int | None

    @property
    def length(self) -> str:
        """In how long the budget is gone, for people."""
        return wording.length(self.minutes or 0)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """`inputs` are the figures that the formulas take, `formulas` their words."""

    now: Future
    then: Future
    inputs: BudgetPosition
    formulas: list[str]
    has_outage: bool

    @property
    def both(self) -> tuple[Future, Future]:
        """How it is now, and how it would be."""
        return self.now, self.then

    @property
    def figures(self) -> dict[str, Decimal]:
        """The inputs, with nine decimals."""
        shares = {"remaining": self.inputs.remaining, "burn": self.inputs.burn, "expiring": self.inputs.expiring}
        budget = Fraction(self.inputs.error_budget_ppb) / PPB
        return {name: rounded_down(share) for name, share in (shares | {"budget": budget}).items()}


def may_ask_target(objective: Objective) -> bool:
    """The components of a composite that counts events have targets of their own; there is no single other one."""
    return not (objective.is_composite and objective.method == Method.OCCURRENCES)


def answer(objective: Objective, asked: Mapping[str, Any]) -> WhatIf:
    """One query."""
    now = position(arithmetic(objective, objective.budget), asked["pace"])
    then = what_if(
        now,
        traffic=Fraction(asked["traffic"]),
        target=asked.get("target"),
        outage_minutes=asked["outage_minutes"],
        outage_share=Fraction(asked["outage_share"]),
    )
    return WhatIf(
        now=_future(what_if(now)),
        then=_future(then),
        inputs=now,
        formulas=[wording.formula(key) for key in _formulas(now, asked)],
        has_outage=asked["outage_minutes"] > 0,
    )


def _formulas(now: BudgetPosition, asked: Mapping[str, Any]) -> list[str]:
    keys = [now.basis.value]
    if asked["traffic"] != 1:
        keys.append("traffic")
    if asked.get("target") is not None:
        keys.append("target")
    if asked["outage_minutes"]:
        keys += ["outage", "outages_left"]
    return keys


def _future(outlook: Forecast) -> Future:
    left = outlook.minutes_to_exhaustion
    return Future(
        remaining=rounded_down(outlook.remaining),
        burn=rounded_up(outlook.burn),
        spent_by_outage=rounded_up(outlook.spent_by_outage),
        minutes=None if left is None else whole_minutes(left),
        outages_left=outlook.outages_left,
    )
