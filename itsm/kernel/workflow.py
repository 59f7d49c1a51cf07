"""State machines as tables: one `Workflow` per life of a record type.

The same table refuses (403, 409, 422 in this order: who, state, needs), draws buttons, forms and REST actions, names
the audit event and what people read of it, generates the table in ARCHITECTURE.md, declares the database's copy and is
crossed by the tests. An operation says which step it takes: `@WORKFLOW.takes("resolve")`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from inspect import signature
from typing import Any, TypeVar

from itsm.kernel.actors import Actor
from itsm.kernel.errors import MissingInformation, NotPermitted, WrongState
from itsm.kernel.texts import is_blank

Predicate = Callable[[Actor, Any], bool]
Requirement = Callable[[Any], str | None]
OperationT = TypeVar("OperationT", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Words:
    """A text that a step asks for: declared once, it is the field of the form and of the REST body.

    Among a step's `needs` it is a requirement as well: the record must hold it when the step ends, else `missing`.
    `noun` names it in the printed table, `longest` is in characters. `where`: of which records a page asks for it.
    `needed`: never called optional, though its box may stay empty where the record says it already.
    """

    name: str
    noun: str
    label: Any  # str, or a lazy translation of one; so are `help` and `missing`
    longest: int
    missing: Any = ""
    help: Any = ""
    rows: int = 3
    required: bool = True
    needed: bool = False
    where: Callable[[Any], bool] | None = None

    def __call__(self, record: Any) -> str | None:
        return str(self.missing) if is_blank(str(getattr(record, self.name))) else None


@dataclass(frozen=True, slots=True)
class Chosen(Words):
    """One of a few words: `choices` are (value, label) as a model's field has them; `longest` is not looked at."""

    choices: Sequence[tuple[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Person(Words):
    """Somebody by their user name: pages offer people as it is typed."""


@dataclass(frozen=True, slots=True)
class Agreed(Words):
    """A box to tick: the operation gets True or False. One that is not required is False where nothing was sent."""

    def __call__(self, record: Any) -> str | None:
        return None if getattr(record, self.name) else str(self.missing)


@dataclass(frozen=True, slots=True)
class Moment(Words):
    """An instant with its zone; the operation gets a datetime, or None where it is not required."""

    def __call__(self, record: Any) -> str | None:
        return str(self.missing) if getattr(record, self.name) is None else None


@dataclass(frozen=True, slots=True)
class Step:
    """One row: action, from, to, who, recorded as, needs, button, history.

    `target` None keeps the state (a step that only records, such as judging again). `label` is the button's text,
    `history` what people read of it later, after the name of who took it ("resolved it"). `colour`: blue for the step
    that leads on, red for one that hurts. `asks`: words that it takes and does not need. `offered`: whether to offer it
    to anybody, beside who may and the state. `seconded`: it may wait for a second person.
    """

    action: str
    sources: Sequence[str]
    target: str | None
    who: Predicate
    done: str
    needs: Sequence[Requirement] = ()
    label: Any = ""
    history: Any = ""
    colour: str = ""
    asks: Sequence[Words] = ()
    offered: Callable[[Any], bool] | None = None
    seconded: bool = False

    def leads_to(self, source: str) -> str:
        return source if self.target is None else self.target

    @property
    def words(self) -> tuple[Words, ...]:
        """The texts that whoever takes it is asked for."""
        return (*(need for need in self.needs if isinstance(need, Words)), *self.asks)


@dataclass(frozen=True, slots=True)
class Operation:
    """What takes a step: a function of the record, the actor and the step's words; some want an instant or version."""

    run: Callable[..., Any]
    wants_instant: bool
    wants_version: bool


class Workflow:
    """The steps of one record type, in the order in which people meet them; `colours` of its states, grey else.

    `extends`: another table, whose rows are here as well where none of the same action stands. `operations_of`: another
    table that is walked by the same operations, of whose rows none is taken over.
    """

    def __init__(
        self,
        *steps: Step,
        colours: Mapping[str, str] | None = None,
        extends: "Workflow | None" = None,
        operations_of: "Workflow | None" = None,
    ) -> None:
        shared: Mapping[str, Step] = extends.steps if extends else {}
        self.steps: dict[str, Step] = {**shared, **{step.action: step for step in steps}}
        given: Mapping[str, str] = colours or (extends.colours if extends else {})
        self.colours: dict[str, str] = {str(state): colour for state, colour in given.items()}
        shared_with = extends or operations_of
        self.operations: dict[str, Operation] = shared_with.operations if shared_with else {}

    def takes(self, action: str) -> Callable[[OperationT], OperationT]:
        """Register an operation as the one that takes this step: pages and REST find it here."""
        if action not in self.steps:
            raise LookupError(f"There is no step {action!r} in this table.")

        def register(operation: OperationT) -> OperationT:
            wanted = signature(operation).parameters
            self.operations[action] = Operation(operation, "at" in wanted, "version" in wanted)
            return operation

        return register

    def take(
        self, action: str, record: Any, *, actor: Actor, at: datetime, version: int | None = None, **words: Any
    ) -> Any:
        """Take a step by its operation, which gets the instant or the version where it wants them.

        Raises what the operation raises, KeyError where none takes the step. Returns what the operation returns.
        """
        operation = self.operations[action]
        if operation.wants_instant:
            words["at"] = at
        if operation.wants_version:
            words["version"] = version
        return operation.run(record, actor=actor, **words)

    def open_to(self, actor: Actor, record: Any) -> list[Step]:
        """The steps to offer as buttons: possible from here and permitted."""
        return [
            step
            for step in self.steps.values()
            if record.status in step.sources
            and (step.offered is None or step.offered(record))
            and step.who(actor, record)
        ]

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

    def states(self) -> set[str]:
        """Every state that some step leaves or leads to."""
        return {str(one) for s in self.steps.values() for source in s.sources for one in (source, s.leads_to(source))}

    def moves(self) -> set[tuple[str, str]]:
        """Every (from, to) pair of states that some step leads along; steps that stay are none."""
        pairs = {(str(source), str(s.leads_to(source))) for s in self.steps.values() for source in s.sources}
        return {(before, after) for before, after in pairs if before != after}

    def finish(self, step: Step, record: Any) -> None:
        """MissingInformation with everything that the step still needs, all at once."""
        missing = [sentence for need in step.needs if (sentence := need(record))]
        if missing:
            raise MissingInformation(" ".join(missing), missing=missing)
