"""What a person answers for, and what becomes of it when they leave.

Apps above register what they hold of people (`register`, in `AppConfig.ready()`): finding it, for the preview, and
handing it over, in the transaction of the deactivation. Accounts imports none of them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from itsm.accounts.models import User
from itsm.kernel.actors import Actor


@dataclass(frozen=True, slots=True)
class Duty:
    """One record that would be orphaned. `what`: "open incident"; `otherwise`: what becomes of it, as a sentence.

    `passes`: it goes to the successor, where one is named; what does not pass is for somebody to look at.
    """

    what: str
    reference: str
    name: str
    path: str
    otherwise: str
    passes: bool = False


Find = Callable[[User], Iterable[Duty]]
HandOver = Callable[[User, User | None, Actor, datetime], None]


class Source(NamedTuple):
    """`find(person)` gives the duties; `hand_over(person, successor, actor, at)` passes on or ends them."""

    find: Find
    hand_over: HandOver | None


_sources: dict[str, Source] = {}


def register(name: str, find: Find, hand_over: HandOver | None = None) -> None:
    """Say what of a kind a person answers for. Called once per kind, at start.

    `hand_over` runs after the account is deactivated, in the same transaction, before its preview is lost: what it
    raises takes the deactivation back.
    """
    _sources[name] = Source(find, hand_over)


def duties_of(person: User) -> list[Duty]:
    """Everything that this person answers for, kind by kind."""
    return [duty for source in _sources.values() for duty in source.find(person)]


def hand_over(person: User, successor: User | None, *, actor: Actor, at: datetime) -> None:
    """Pass on, or end, what a person answered for, in the caller's transaction."""
    for source in _sources.values():
        if source.hand_over is not None:
            source.hand_over(person, successor, actor, at)
