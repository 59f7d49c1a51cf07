"""Who may read and keep configuration items."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from itsm.accounts.named_rights import named_right
from itsm.accounts.permissions import administrators, staff
from itsm.kernel.actors import Actor, Role

__all__ = ["class_keepers", "condition_clearers", "confidential_readers", "explainers", "group_editors",
           "item_authors", "item_editors", "item_readers", "item_revivers", "relation_editors"]  # fmt: skip

item_readers = staff  # requesters know services, not what they run on
class_keepers = administrators


@named_right("items.keep", _("keep configuration items of their teams"), lends=Role.ENGINEER)
def item_authors(actor: Actor, record: Any = None) -> bool:
    """Engineers, service owners, change managers; programs with one of these roles."""
    return actor.has(Role.ENGINEER, Role.OWNER, Role.MANAGER)


@named_right("items.keep_any", _("keep configuration items of every team"), lends=Role.OWNER, includes=("items.keep",))
def edit_every(actor: Actor, item: Any = None) -> bool:
    """Service owners and change managers: whatever team an item belongs to."""
    return actor.has(Role.OWNER, Role.MANAGER)


def item_editors(actor: Actor, item: Any) -> bool:
    """The owner team's members who may author, service owners, change managers; anybody's where no team owns it."""
    if edit_every(actor):
        return True
    return item_authors(actor) and (item.team_id is None or actor.belongs_to(item.team_id))


def group_editors(actor: Actor, group: Any) -> bool:
    """Who may edit the item that rests on the group."""
    return item_editors(actor, group.consumer)


def relation_editors(actor: Actor, relation: Any) -> bool:
    """Who may edit the item at either end."""
    return item_editors(actor, relation.source) or item_editors(actor, relation.target)


@named_right("items.revive", _("bring back configuration items that were retired"), lends=Role.OWNER)
def item_revivers(actor: Actor, item: Any = None) -> bool:
    """Service owners and change managers bring back what was retired."""
    return actor.has(Role.OWNER, Role.MANAGER)


def confidential_readers(actor: Actor, record: Any = None) -> bool:
    """Who sees confidential items of every team: change managers and auditors."""
    return actor.has(Role.MANAGER, Role.AUDITOR)


def condition_clearers(actor: Actor, item: Any) -> bool:
    """People who may edit the item: a program takes back its own word alone."""
    return (actor.is_human or actor.is_system) and item_editors(actor, item)


def explainers(actor: Actor, record: Any = None) -> bool:
    """People who may author: a program explains nothing."""
    return (actor.is_human or actor.is_system) and item_authors(actor)
