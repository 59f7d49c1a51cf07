"""The register: what must hold, why, and the questions that find what does not.

A question returns what offends, as (kind, reference, detail); nothing where the invariant holds. Each is asked every
minute, within 100 ms at a million rows of its tables; a `heavy` one every hour.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple


class Found(NamedTuple):
    """What offends: its kind, its reference ("CHG-00042"), and what is wrong about it, in a few words of data."""

    kind: str
    reference: str
    detail: str = ""


Finder = Callable[[datetime], Iterable[Found]]


@dataclass(frozen=True, slots=True)
class Question:
    """`ask`: a SELECT of kind, reference, detail with `%(at)s` and what `given` names, or a function of the instant.

    said: one sentence for people with `%(reference)s` and `%(detail)s`. walks: the table whose history it reads by id,
    with `%(after)s` and `%(upto)s`: every minute only what is new, every hour all of it. punctual: it finds what should
    have been done by now, which holds only where somebody does what is due.
    """

    name: str
    said: Any
    ask: str | Finder
    heavy: bool = False
    walks: str = ""
    punctual: bool = False
    given: Callable[[], Mapping[str, Any]] = dict


@dataclass(frozen=True, slots=True)
class Invariant:
    """`id`: "I1" and on, as in ARCHITECTURE.md. `closes_gate`: while it is violated, people decide, not the policy."""

    id: str
    title: Any
    why: Any
    questions: tuple[Question, ...]
    closes_gate: bool = False

    @property
    def is_heavy(self) -> bool:
        """Whether nothing of it is asked every minute."""
        return all(one.heavy for one in self.questions)

    def question(self, name: str) -> Question | None:
        """The question of that name; None where it is asked no more."""
        return next((one for one in self.questions if one.name == name), None)


_known: dict[str, Invariant] = {}


def register(invariant: Invariant) -> None:
    """Say what must hold. Called once per id, at start; questions of a known id are added to it."""
    before = _known.get(invariant.id)
    if before is None:
        _known[invariant.id] = invariant
        return
    names = {one.name for one in before.questions}
    added = tuple(one for one in invariant.questions if one.name not in names)
    _known[invariant.id] = Invariant(
        before.id, before.title, before.why, before.questions + added, before.closes_gate or invariant.closes_gate
    )


# (title, description, key, at) -> reference of the incident that was opened, one for each key while it is open.
Open = Callable[[str, str, str, datetime], str]
_opened_by: list[Open] = []


def opens(open_one: Open) -> None:
    """Who opens the P1 of a violation. Called once, at start."""
    _opened_by[:] = [open_one]


def openers() -> list[Open]:
    """Who opens the P1 of a violation; nobody where nothing lies above."""
    return list(_opened_by)


def known() -> list[Invariant]:
    """All of them, I2 before I10."""
    return sorted(_known.values(), key=lambda one: (len(one.id), one.id))


def called(name: str) -> Invariant | None:
    """The invariant of that id."""
    return _known.get(name)
