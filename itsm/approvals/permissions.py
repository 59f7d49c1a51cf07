"""Who may confirm what somebody else proposed: nouns for people."""

from typing import Any

from itsm.accounts.permissions import colleagues
from itsm.kernel.actors import Actor, Role


def readers(actor: Actor) -> bool:
    """Everyone signed in except those who only request."""
    return colleagues(actor)


def deciders(actor: Actor) -> bool:
    """People whose role may be asked for a second opinion; about which record: `second_persons`."""
    return actor.is_human and readers(actor)


def second_persons(actor: Actor, confirmation: Any) -> bool:
    """People with one of the asked roles (owners: of the service's team), but never who proposed it."""
    if not actor.is_human or actor.person_id is None or actor.person_id in confirmation.excluded:
        return False
    roles = {Role(role) for role in confirmation.roles}
    if actor.has(*(roles - {Role.OWNER})):
        return True
    in_team = confirmation.team_id is None or actor.belongs_to(confirmation.team_id)
    return Role.OWNER in roles and actor.has(Role.OWNER) and in_team


def confirmation_proposers(actor: Actor, confirmation: Any) -> bool:
    """Who proposed it, or the person (or a program of the person) behind that account."""
    return actor.person_id is not None and actor.person_id == confirmation.person_id


def the_system(actor: Actor, record: Any) -> bool:
    """What only Headroom itself does."""
    return actor.is_system


DECIDING = (Role.ENGINEER, Role.APPROVER, Role.OWNER, Role.MANAGER, Role.ADMIN)


def may_be_delegates(actor: Actor) -> bool:
    """People whose role decides at all: they may name a delegate in everything, and be one."""
    return actor.is_human and actor.has(Role.ENGINEER, Role.APPROVER, Role.OWNER, Role.MANAGER)


def may_name_delegates(actor: Actor) -> bool:
    """People: whoever is asked by name, for being somebody's manager, may be away."""
    return actor.is_human


def delegation_readers(actor: Actor) -> bool:
    """Everyone signed in; of delegations they see their own."""
    return actor.id is not None


def delegation_enders(actor: Actor, delegation: Any) -> bool:
    """The two whom it is about, each by themselves, and administrators."""
    return actor.is_human and (actor.id in (delegation.person_id, delegation.delegate_id) or actor.has(Role.ADMIN))
