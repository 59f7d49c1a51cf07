"""What a person answers for, and what becomes of it when they leave.

Apps above register what they hold of people (`register`, in `AppConfig.ready()`): finding it, for the preview, and
handing it over, in the transaction of the deactivation. Accounts imports none of them.

Most people who leave hold next to nothing. So one statement says first of which kinds there is anything at all, and of
the others nothing is looked up.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from itsm.accounts.models import User
from itsm.composed import THIS
from itsm.kernel.actors import Actor
from itsm.prepared import InOrder


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
Held = Callable[[int], Iterable["QuerySet[Any, Any]"]]


class Source(NamedTuple):
    """`find(person)` gives the duties; `hand_over(person, successor, actor, at)` passes on or ends them."""

    find: Find
    hand_over: HandOver | None
    held: Held | None = None


_sources: dict[str, Source] = {}


def register(name: str, find: Find, hand_over: HandOver | None = None, *, held: Held | None = None) -> None:
    """Say what of a kind a person answers for. Called once per kind, at start.

    `hand_over` runs after the account is deactivated, in the same transaction, before its preview is lost: what it
    raises takes the deactivation back. `held`: of a person's number, rows without any of which neither of the two has
    anything to do; it reads no clock. Without it both are always asked.
    """
    _sources[name] = Source(find, hand_over, held)


def duties_of(person: User) -> list[Duty]:
    """Everything that this person answers for, kind by kind."""
    return [duty for source in _concerned(person) for duty in source.find(person)]


def hand_over(person: User, successor: User | None, *, actor: Actor, at: datetime) -> None:
    """Pass on, or end, what a person answered for, in the caller's transaction."""
    for source in _concerned(person):
        if source.hand_over is not None:
            source.hand_over(person, successor, actor, at)


def _concerned(person: User) -> list[Source]:
    """Those that may find something. One query."""
    statement = _statement(tuple(_sources.items()))
    with connection.cursor() as cursor:
        statement.run(cursor, [person.pk if one == THIS else one for one in statement.given])
        found = {name for (name,) in cursor.fetchall()}
    return [source for name, source in _sources.items() if source.held is None or name in found]


@lru_cache(maxsize=4)
def _statement(sources: tuple[tuple[str, Source], ...]) -> InOrder:
    """The names of the kinds of which there is a row: composed once, and planned once per connection."""
    texts, given = [], list[Any]()
    for name, source in sources:
        for rows in source.held(THIS) if source.held is not None else ():
            try:
                text, values = rows.order_by().values("pk").query.sql_with_params()
            except EmptyResultSet:
                continue
            texts.append(f"SELECT '{name}' WHERE EXISTS ({text})")
            given += values
    connection.ensure_connection()  # what is no number is written into the text by the driver
    return InOrder(" UNION ALL ".join(texts), given)
