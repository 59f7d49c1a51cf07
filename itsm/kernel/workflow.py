"""State machines as tables: one `Workflow` per life of a record type.

The same table refuses (403, 409, 422 in this order: who, state, needs), draws the buttons,
names the audit event, generates the table in ARCHITECTURE.md and is crossed by the tests.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from itsm.kernel.actors import Actor
from itsm.kernel.errors import MissingInformation, NotPermitted, WrongState

Predicate = Callable[[Actor, Any], bool]
Requirement = Callable[[Any], str | None]


@dataclass(frozen=True, slots=True)
class Step:
    """One row: action, from, to, who, recorded as, needs. `label` is the button's text.

    `target` None keeps the state (a step that only records, such as judging again).
    """

    action: str
    sources: Sequence[str]
    target: str | None
    who: Predicate
    done: str
    needs: Sequence[Requirement] = ()
    label: Any = ""  # str, or a lazy translation of one

    def leads_to(self, source: str) -> str:
        return source if self.target is None else self.target


class Workflow:
    """The steps of one record type, in the order in which people meet them."""

    def __init__(self, *steps: Step) -> None:
        self.steps = {step.action: step for step in steps}

    def open_to(self, actor: Actor, record: Any) -> list[Step]:
        """The steps to offer as buttons: possible from here and permitted."""
        return [s for s in self.steps.values() if record.status in s.sources and s.who(actor, record)]

    def begin(self, action: str, actor: Actor, record: Any) -> Step:
        """The row for this action, or NotPermitted, or WrongState naming the open steps."""
        step = self.steps.get(action)
        if step is None:
            raise WrongState(f"{record.reference} has no step called {action!r}.", available=sorted(self.steps))
        if not step.who(actor, record):
            raise NotPermitted(f"{actor.name} may not {step.action.replace('_', ' ')} {record.reference}.")
        if record.status not in step.sources:
            raise WrongState(
                f"{record.reference} is {record.status.replace('_', ' ')}; it cannot be {step.done} from there.",
                state=record.status,
                available=[open_step.action for open_step in self.open_to(actor, record)],
            )
        return step

    def finish(self, step: Step, record: Any) -> None:
        """MissingInformation with everything that the step still needs, all at once."""
        missing = [sentence for need in step.needs if (sentence := need(record))]
        if missing:
            raise MissingInformation(" ".join(missing), missing=missing)
