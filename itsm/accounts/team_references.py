"""What refers to a team, so that a merge leaves nothing behind.

Apps above register each foreign key to a team (in `AppConfig.ready()`); a test compares with the database's own.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from itsm.accounts.duties import Duty
from itsm.accounts.models import Team
from itsm.kernel.actors import Actor

Find = Callable[[Team], Iterable[Duty]]
Follow = Callable[[Team, Team, Actor], int]


class Reference(NamedTuple):
    """`find(team)` gives what is open and refers to it; `follow(old, new, actor)` moves it and says how many."""

    find: Find
    follow: Follow


_references: dict[str, Reference] = {}


def register(column: str, *, find: Find, follow: Follow) -> None:
    """`column`: app_label.model.field. What is over stays as it was: history names who was asked then."""
    _references[column] = Reference(find, follow)


def columns() -> frozenset[str]:
    """Every registered column, for the test that none is forgotten."""
    return frozenset(_references)


def referring_to(team: Team) -> list[Duty]:
    """Everything open that refers to this team."""
    return [duty for reference in _references.values() for duty in reference.find(team)]


def follow(old: Team, new: Team, *, actor: Actor) -> dict[str, int]:
    """Move everything open from one team to the other, in the caller's transaction. How many, by column."""
    return {column: reference.follow(old, new, actor) for column, reference in _references.items()}
