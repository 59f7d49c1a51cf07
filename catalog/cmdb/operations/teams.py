"""Items follow when a team is merged into another."""

from collections.abc import Callable

from catalog.cmdb.queries.standing import items_of
from itsm import lifecycle
from itsm.accounts.models import Team
from itsm.kernel.actors import Actor


def following(column: str) -> Callable[[Team, Team, Actor], int]:
    """Moves the items that name a team in this column, in the merge's transaction, and says how many."""

    def follow(old: Team, new: Team, actor: Actor) -> int:
        items = list(items_of(old, column).order_by("pk"))
        for item in items:
            with lifecycle.edit(item, actor=actor, version=None, version_required=False) as current:
                setattr(current, column, new)
        return len(items)

    return follow
