"""The allowances group of the evidence: what the agents, and the teams, behind a change may draw of its headroom.

Promise: whoever has none is in here as well, with none: that is what leads to people.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one holder was given of the service's headroom, as ratios of it.

    holder: "agent:<user name>" or "team:<slug>". reference: "" where nothing was given. share: as given; left: as it is
    in force since. drawn: objective -> ratio of its budget that other changes of this holder hold.
    by_interested: who wants this change gave it, or raised it last.
    """

    holder: str
    reference: str = ""
    share: Decimal | None = None
    left: Decimal | None = None
    drawn: Mapping[str, Decimal] = field(default_factory=dict)
    by_interested: bool = False

    @property
    def of_agent(self) -> bool:
        """Whether without it people decide; a team without one is judged as everybody."""
        return not self.holder.startswith("team:")


@dataclass(frozen=True, slots=True)
class Allowances:
    """Of each agent that asks, wrote or carries out the change one, given or not; of teams those that were given."""

    holders: tuple[Allowance, ...]
