"""What depends on measurements stands above; it registers here, so that measuring can ask without knowing it.

Asked are: which objectives an indicator feeds, how their budgets stand, and what a change of a data source needs.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from itsm.approvals.models import Confirmation
from itsm.kernel.actors import Actor
from slo.engine.better_minutes import BudgetsShort
from slo.measuring.models import DataSource, Indicator

if TYPE_CHECKING:
    from catalog.models import Service


class FedObjective(Protocol):
    """An objective in force that decides about changes and counts what an indicator measures."""

    pk: int
    name: str
    service: "Service"
    service_id: int


class Dependents(Protocol):
    """What measuring asks of those who count its figures."""

    def counting(self, indicator: Indicator, actor: Actor) -> Sequence[FedObjective]:
        """The objectives that this actor may see, for the indicator's page; sliced before it is read.

        Raises nothing.
        """

    def fed_by(self, indicator_id: int) -> Sequence[FedObjective]:
        """The gating objectives in force that count what this indicator measures."""

    def standing(self, fed: Sequence[FedObjective], at: datetime) -> BudgetsShort:
        """The worse of how their budgets stand by the samples now, and as last evaluated."""

    def require_budget_authority(self, source: DataSource, actor: Actor) -> None:
        """Raise NotPermitted where a budget measured from here stops changes and this actor may not relax it."""

    def must_wait(self, source: DataSource, actor: Actor) -> bool:
        """Whether a second person confirms another place to measure from. NotPermitted for the interested."""

    def propose_source(
        self, source: DataSource, before: Mapping[str, Any], fields: Mapping[str, Any], *, actor: Actor, at: datetime
    ) -> Confirmation:
        """Ask a second person about another place to measure from. NotPermitted for the interested."""


_registered: list[Dependents] = []


def register(dependents: Dependents) -> None:
    """In `ready()` of what stands above; the last one counts."""
    _registered[:] = [dependents]


def dependents() -> Dependents:
    """Those who count what is measured."""
    return _registered[0]
