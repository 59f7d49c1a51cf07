"""How an incident wants its clocks to stand, from what happened to it. Pure.

- First response starts when it is opened and never pauses. It stops by a public word of a responder who is not the
  caller, or by resolve; by phone at once.
- Update starts when the caller speaks, once that is met; later words restart nothing. It stops by the next such word or
  resolve; then the next cycle may begin.
- Resolve starts when it is opened, pauses for hold reasons that pause, stops by resolve, and is void once it is
  cancelled or merged. Reopened it goes on, or begins again. What is split off again begins anew: void stays void.

Private notes and automatic mails stop nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from itsm.clocks.algebra import State
from itsm.clocks.terms import Terms
from itsm.clocks.wanted import Wanted

FIRST_RESPONSE, UPDATE, RESOLVE = "first_response", "update", "resolve"
AT_ONCE = ("phone",)  # channels on which somebody answers while it is told


@dataclass(frozen=True, slots=True)
class Word:
    """Something said on the incident. `by_caller`: by whom it troubles; else `answers`: by a responder."""

    at: datetime
    by_caller: bool = False
    answers: bool = False
    public: bool = True
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """A change of state: `held` (with a reason), `resumed`, `resolved`, `reopened`, `cancelled`, `merged`, `split`."""

    at: datetime
    what: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """A snapshot of an incident: `words` and `turns` in the order in which they happened.

    `terms` by clock; `pauses`: hold reasons that pause the resolve clock; `on_reopen`: continue or restart.
    """

    opened_at: datetime
    channel: str = "portal"
    words: Sequence[Word] = ()
    turns: Sequence[Turn] = ()
    terms: Mapping[str, Terms] = field(default_factory=dict)
    pauses: tuple[str, ...] = ("caller",)
    on_reopen: str = "continue"
    opened_why: str = ""

    def terms_of(self, name: str) -> Terms:
        """Without any, it is counted and never due."""
        return self.terms.get(name, Terms())


def wanted(facts: Facts) -> list[Wanted]:
    """How each clock should stand now; the update clock only once it has begun. Nothing for an unknown turn."""
    return [one for one in (_first_response(facts), _update(facts), _resolve(facts)) if one is not None]


def _over(facts: Facts) -> Turn | None:
    """When it was cancelled or merged, where it was not split off again."""
    over: Turn | None = None
    for turn in facts.turns:
        if turn.what == "split":
            over = None
        elif over is None and turn.what in ("cancelled", "merged"):
            over = turn
    return over


def _split_at(facts: Facts) -> datetime | None:
    """When it was last split off: its clocks are void since the merge, and begin again."""
    return max(_turns(facts, "split"), default=None)


def _answers(facts: Facts) -> Iterable[datetime]:
    return (one.at for one in facts.words if one.answers and one.public and not one.automatic and not one.by_caller)


def _turns(facts: Facts, what: str) -> list[datetime]:
    return [one.at for one in facts.turns if one.what == what]


def _answered_at(facts: Facts) -> datetime | None:
    if facts.channel in AT_ONCE:
        return facts.opened_at
    return min((*_answers(facts), *_turns(facts, "resolved")), default=None)


def _first_response(facts: Facts) -> Wanted:
    state, since, why = State.RUNNING, facts.opened_at, ""
    began, began_why = facts.opened_at, facts.opened_why or "opened"
    answered, over, split = _answered_at(facts), _over(facts), _split_at(facts)
    if split is not None and (answered is None or answered > split):
        began = since = split
        began_why = "split"
    if answered is not None and (over is None or answered <= over.at):
        state, since, why = State.STOPPED, answered, "answered"
    elif over is not None:
        state, since, why = State.VOID, over.at, over.what
    return Wanted(FIRST_RESPONSE, state, began, since, facts.terms_of(FIRST_RESPONSE), why, began_why)


def _update(facts: Facts) -> Wanted | None:
    """Its last cycle; cycles before it were wanted when they happened."""
    answered = _answered_at(facts)
    if answered is None:
        return None
    began: datetime | None = None
    ended: tuple[datetime, State, str] | None = None
    closed = False
    for at, what in _told(facts):
        running = began is not None and ended is None
        if what in ("cancelled", "merged"):
            ended, closed = ((at, State.VOID, what), True) if running else (ended, True)
        elif what == "resolved":
            ended, closed = ((at, State.STOPPED, what), True) if running else (ended, True)
        elif what in ("reopened", "split"):
            closed = False
        elif what == "answer" and running:
            ended = at, State.STOPPED, "answered"
        elif what == "caller" and not running and not closed and at > answered:
            began, ended = at, None
    if began is None:
        return None
    since, state, why = ended if ended is not None else (began, State.RUNNING, "")
    return Wanted(UPDATE, state, began, since, facts.terms_of(UPDATE), why, "caller_spoke")


def _told(facts: Facts) -> list[tuple[datetime, str]]:
    """Words that count and turns, in time; of one second the turn comes first, then the caller, then the answer."""
    said = [
        (one.at, "caller" if one.by_caller else "answer")
        for one in facts.words
        if one.public and not one.automatic and (one.by_caller or one.answers)
    ]
    order = {"reopened": 0, "split": 0, "resolved": 1, "cancelled": 2, "merged": 3, "caller": 4, "answer": 5}
    turned = [(one.at, one.what) for one in facts.turns if one.what in order]
    return sorted([*said, *turned], key=lambda one: (one[0], order[one[1]]))


def _resolve(facts: Facts) -> Wanted:
    state, since, why = State.RUNNING, facts.opened_at, ""
    began, began_why = facts.opened_at, facts.opened_why or "opened"
    for turn in facts.turns:
        match turn.what:
            case "held" if state in (State.RUNNING, State.PAUSED):
                pauses = turn.reason in facts.pauses
                if pauses and state is State.RUNNING:
                    state, since, why = State.PAUSED, turn.at, f"held_{turn.reason}"
                elif not pauses and state is State.PAUSED:
                    state, since, why = State.RUNNING, turn.at, f"held_{turn.reason}"
            case "resumed" if state is State.PAUSED:
                state, since, why = State.RUNNING, turn.at, "resumed"
            case "resolved" if state in (State.RUNNING, State.PAUSED):
                state, since, why = State.STOPPED, turn.at, "resolved"
            case "reopened" if state is State.STOPPED:
                state, since, why = State.RUNNING, turn.at, ""
                began, began_why = turn.at, "reopened"
            case "split" if state is State.VOID:
                state, since, why = State.RUNNING, turn.at, ""
                began, began_why = turn.at, "split"
            case "cancelled" | "merged" if state is not State.VOID:
                state, since, why = State.VOID, turn.at, turn.what
    return Wanted(RESOLVE, state, began, since, facts.terms_of(RESOLVE), why, began_why, facts.on_reopen)
