"""Objectives shaped for lists: the overview, those of a service, the worst of each. One objective: `objective_page`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from catalog.environments.queries import production_names
from catalog.services.queries import visible_services
from itsm.kernel.actors import Actor
from slo.engine.states import Flag, State
from slo.objectives.models import Budget, Objective
from slo.objectives.queries import wording
from slo.objectives.queries.alert_rows import BurnRow, burn_table
from slo.objectives.queries.burn_down import sparks
from slo.objectives.queries.listing import all_objectives
from slo.objectives.queries.members import with_members

if TYPE_CHECKING:
    from catalog.models import Service

_MAX_OF_A_SERVICE = 20


@dataclass(frozen=True, slots=True)
class ObjectiveRow:
    """One objective in a list. `rows` are its alert rows that can fire, `nearest` the one nearest to it."""

    budget: Budget
    objective: Objective
    rows: list[BurnRow]
    nearest: BurnRow | None
    spark: list[float]
    is_silent: bool

    @property
    def state(self) -> str:
        """As evaluated; an evaluation that stopped, or a silent source, is no_data whatever was last stored."""
        silent = self.is_silent and self.budget.state not in (State.BURNING_FAST, State.NOT_YET_MEASURED)
        return State.NO_DATA.value if silent else self.budget.state

    @property
    def target(self) -> str:
        """The target in percent, for people."""
        return wording.in_percent(self.objective.target)

    @property
    def promise(self) -> str:
        """What is promised, as a sentence."""
        return wording.promise(self.objective)

    @property
    def short_promise(self) -> str:
        """Target and window in a few words."""
        return wording.short_promise(self.objective)

    @property
    def flags(self) -> list[str]:
        """What the state does not say already."""
        return [flag for flag in self.budget.flags if flag != self.state]


def objective_rows(budgets: Sequence[Budget], at: datetime) -> list[ObjectiveRow]:
    """One query for all the sparklines, three more where there are composites."""
    _with_their_members(budgets)
    drawn = sparks(budgets) if budgets else {}
    return [_line(budget, drawn.get(budget.pk, []), at) for budget in budgets]


def _with_their_members(budgets: Iterable[Budget]) -> None:
    """A composite's burn rows ask what its members are: fetched for all of them together."""
    composites = {one.objective_id: one.objective for one in budgets if one.objective.is_composite}
    if composites:
        for fetched in with_members(Objective.objects.filter(pk__in=composites)):
            vars(composites[fetched.pk])["current_version"] = vars(fetched)["current_version"]


def _line(budget: Budget, spark: list[float], at: datetime) -> ObjectiveRow:
    rows = [row for row in burn_table(budget) if row.reachable]
    nearest = max(rows, key=lambda row: min(row.burn_long, row.burn_short) / row.limit, default=None)
    silent = (Flag.NO_DATA in budget.flags and budget.measured_minutes > 0) or budget.is_silent(at)
    return ObjectiveRow(budget, budget.objective, rows, nearest, spark, silent)


def objective_row(budget: Budget, at: datetime) -> ObjectiveRow:
    """One objective without its sparkline. No query."""
    return _line(budget, [], at)


def of_service(actor: Actor, service: "Service", at: datetime) -> list[ObjectiveRow]:
    """The objectives of a service, worst first."""
    return objective_rows(list(all_objectives(actor).filter(objective__service=service)[:_MAX_OF_A_SERVICE]), at)


def worst_by_service(actor: Actor, slugs: Sequence[str], at: datetime) -> dict[str, ObjectiveRow | None]:
    """The worst gating objective in production of each service; None for a service that has none."""
    known = visible_services(actor).filter(slug__in=slugs).values_list("slug", flat=True)
    found: dict[str, ObjectiveRow | None] = dict.fromkeys(known)
    deciding = {"objective__gating": True, "objective__environment__in": production_names()}
    gating = list(all_objectives(actor).filter(objective__service__slug__in=slugs, **deciding))
    _with_their_members(gating)
    for budget in gating:
        if found.get(budget.objective.service.slug) is None:
            found[budget.objective.service.slug] = _line(budget, [], at)
    return found
