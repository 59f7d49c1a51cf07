"""What goes with a person who is erased and stands in no column: bytes on a disk, for instance.

Filled in `AppConfig.ready()` by whoever keeps such things.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from django.db.models import Model

    from itsm.accounts.models import User


class Forgets(NamedTuple):
    """`count(person)`: how many there are. `forget(person)`: they go, in the caller's transaction; how many."""

    count: "Callable[[User], int]"
    forget: "Callable[[User], int]"


_known: dict[str, Forgets] = {}


def register(name: str, *, count: "Callable[[User], int]", forget: "Callable[[User], int]") -> None:
    """`name`: as the page of an erasure lists it, table.column."""
    _known[name] = Forgets(count, forget)


def goes_whole(model: "type[Model]", column: str = "user") -> None:
    """Rows of this model that refer to them go: a name by which another system knows them, for instance."""
    register(
        model._meta.db_table,
        count=lambda person: model._default_manager.filter(**{column: person.pk}).count(),
        forget=lambda person: (
            model._default_manager.filter(**{column: person.pk}).delete()[1].get(model._meta.label, 0)
        ),
    )


def registered() -> list[str]:
    """Names of what is registered, by the alphabet."""
    return sorted(_known)


def counts(person: "User", *, only_count: bool) -> dict[str, int]:
    """How many of each, without what has none; gone, unless they are only counted."""
    found = {name: (one.count if only_count else one.forget)(person) for name, one in sorted(_known.items())}
    return {name: many for name, many in found.items() if many}
