"""Objectives shaped for their pages: the fleet's lines, one objective's sheet, the objectives of a service."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from catalog.models import Service
from itsm.kernel.actors import Actor
from slo.engine.levels import LIMITS, MARGIN
from slo.engine.states import Flag, State
from slo.models import Budget, BurnAlert, Objective, ObjectiveVersion, Reservation
from slo.queries.listing import by_slug, fleet
from slo.queries.outages import Outage, outages
from slo.queries.readings import PATIENCE
from slo.queries.recovery import recovery_times
from slo.queries.sparks import sparks
from slo.queries.tables import BurnRow, burn_table

_MOST_OF_A_SERVICE = 20
_ALERTS_SHOWN = 5


def in_percent(target: Decimal) -> str:
    """0.999 as "99.9 %": exact, as a promise is."""
    return f"{(target * 100).normalize():f}\N{NARROW NO-BREAK SPACE}%"


@dataclass(frozen=True, slots=True)
class Line:
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
        silent = self.is_silent and self.budget.state != State.BURNING_FAST
        return State.NO_DATA.value if silent else self.budget.state

    @property
    def target(self) -> str:
        return in_percent(self.objective.target)

    @property
    def flags(self) -> list[str]:
        """What the state does not say already."""
        return [flag for flag in self.budget.flags if flag != self.state]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything the page of one objective shows beside its chart."""

    line: Line
    rows: list[BurnRow]
    outages: list[Outage]
    versions: list[tuple[ObjectiveVersion, str]]  # each with its target as text
    held: list[Reservation]
    alerts: list[BurnAlert]
    recovers_at: dict[Decimal, datetime | None]

    @property
    def limits(self) -> list[tuple[str, Decimal, datetime | None]]:
        """Level, its limit, and when waiting alone would pass it."""
        return [(level.value, limit, self.recovers_at.get(limit)) for level, limit in LIMITS.items()]

    @property
    def failed(self) -> Decimal:
        return Decimal(self.line.budget.bad_in_window) / 1000

    @property
    def events(self) -> Decimal:
        return Decimal(self.line.budget.total_in_window) / 1000

    @property
    def margin(self) -> Decimal:
        return MARGIN


def lines(budgets: Sequence[Budget], at: datetime) -> list[Line]:
    """One query for all the sparklines."""
    drawn = sparks(budgets) if budgets else {}
    return [_line(budget, drawn.get(budget.pk, []), at) for budget in budgets]


def _line(budget: Budget, spark: list[float], at: datetime) -> Line:
    rows = [row for row in burn_table(budget) if row.reachable]
    nearest = max(rows, key=lambda row: min(row.burn_long, row.burn_short) / row.limit, default=None)
    silent = Flag.NO_DATA in budget.flags or at - budget.watermark > PATIENCE
    return Line(budget, budget.objective, rows, nearest, spark, silent)


def sheet(actor: Actor, slug: str, at: datetime) -> Sheet:
    """NotFound where there is none, or none that may be seen. About ten queries."""
    objective = by_slug(actor, slug)
    budget = objective.budget
    budget.objective = objective
    return Sheet(
        line=_line(budget, [], at),
        rows=burn_table(budget),
        outages=outages(objective, at),
        versions=[
            (one, in_percent(one.target)) for one in objective.versions.select_related("indicator").order_by("-number")
        ],
        held=list(Reservation.objects.in_flight(at).filter(objective=objective)),
        alerts=list(objective.alerts.all()[:_ALERTS_SHOWN]),
        recovers_at=recovery_times([objective.pk], at)[objective.pk],
    )


def of_service(actor: Actor, service: Service, at: datetime) -> list[Line]:
    """The objectives of a service, worst first."""
    return lines(list(fleet(actor).filter(objective__service=service)[:_MOST_OF_A_SERVICE]), at)


def worst_by_service(actor: Actor, slugs: Sequence[str], at: datetime) -> dict[str, Line | None]:
    """The worst gating production objective of each service; None for a service that has none."""
    known = Service.objects.visible_to(actor).filter(slug__in=slugs).values_list("slug", flat=True)
    found: dict[str, Line | None] = dict.fromkeys(known)
    gating = fleet(actor).filter(
        objective__service__slug__in=slugs, objective__gating=True, objective__environment="production"
    )
    for budget in gating:
        if found.get(budget.objective.service.slug) is None:
            found[budget.objective.service.slug] = _line(budget, [], at)
    return found
