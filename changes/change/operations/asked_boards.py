"""Who is asked where a verdict needs people: a board that has the change in its scope, else whoever holds the role.

Boards stand above changes and register how one is found.
"""

from collections.abc import Callable

from changes.change.models import Change
from changes.gate.verdict import Authority
from itsm.accounts.models import Team
from itsm.approvals.asked import Panel

Find = Callable[[Change, Authority, str], Panel | None]
_found_by: list[Find] = []


def come_from(find: Find) -> None:
    """`find(change, authority, role)` gives the board that is asked, None for none. Called once, at start."""
    if find not in _found_by:
        _found_by.append(find)


def panel_of(change: Change, authority: Authority, role: str, team: Team | None) -> Panel:
    """Those who decide about this change."""
    for find in _found_by:
        board = find(change, authority, role)
        if board is not None:
            return board
    return Panel(authority.role, role, team, authority.quorum, change.interested)
