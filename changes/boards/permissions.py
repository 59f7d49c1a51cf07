"""Who may do what with boards and their meetings: nouns for people."""

from typing import Any

from itsm.accounts.permissions import staff
from itsm.kernel.actors import Actor, Role

__all__ = ["KEEPERS", "board_keepers", "chairs", "may_sit", "planners", "readers", "staff", "voters"]

KEEPERS = (Role.MANAGER, Role.ADMIN)
_DECIDING = (Role.ENGINEER, Role.APPROVER, Role.OWNER, Role.MANAGER)


def readers(actor: Actor, record: Any = None) -> bool:
    """Everyone who works here reads boards, agendas and minutes."""
    return staff(actor)


def board_keepers(actor: Actor, record: Any = None) -> bool:
    """Change managers, people, found boards and say who sits in them."""
    return actor.is_human and actor.has(*KEEPERS)


def voters(actor: Actor, record: Any = None) -> bool:
    """People whose role lets them decide about changes; in which board, its members say."""
    return actor.is_human and actor.has(*_DECIDING)


def may_sit(roles: Any) -> bool:
    """Whether somebody with these roles may have a vote in a board."""
    return bool(set(roles) & {role.value for role in (*_DECIDING, Role.ADMIN)})


def chairs(actor: Actor, meeting: Any) -> bool:
    """The chairs of its board; where it has none, change managers."""
    if not actor.is_human or actor.id is None:
        return False
    return actor.id in meeting.chair_ids if meeting.chair_ids else actor.has(Role.MANAGER)


def planners(actor: Actor, meeting: Any) -> bool:
    """Who says when it takes place: the chairs of its board, and change managers."""
    return board_keepers(actor) or (actor.is_human and actor.id in meeting.chair_ids)
