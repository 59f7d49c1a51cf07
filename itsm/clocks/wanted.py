"""How a record wants a clock to stand: said by the apps that own records, followed by `operations.follow`. Pure."""

from dataclasses import dataclass
from datetime import datetime

from itsm.clocks.algebra import State
from itsm.clocks.terms import Terms


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a record wants its clock `name` to stand.

    `began`: when this cycle began, or when it was taken up again. `since`: when it came into `state`. `again`: what
    follows a stop before `began`: `continue` the same cycle, or `restart` with the next.
    """

    name: str
    state: State
    began: datetime
    since: datetime
    terms: Terms
    why: str = ""
    began_why: str = ""
    again: str = "restart"
