"""Who may bring items in from sources, and say what is true of them."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from catalog.cmdb.permissions import item_editors
from itsm.accounts.named_rights import named_right
from itsm.accounts.permissions import administrators, staff
from itsm.kernel.actors import Actor, Role

__all__ = ["conflict_settlers", "deciders", "importers", "run_readers", "source_keepers"]

run_readers = staff
source_keepers = administrators  # whose word goes first


@named_right("imports.run", _("bring configuration items in from sources"), lends=Role.ENGINEER)
def importers(actor: Actor, record: Any = None) -> bool:
    """Engineers, service owners, change managers; programs with one of these roles."""
    return actor.has(Role.ENGINEER, Role.OWNER, Role.MANAGER)


@named_right("imports.decide", _("say which imported items are one thing"), lends=Role.OWNER)
def deciders(actor: Actor, record: Any = None) -> bool:
    """Service owners and change managers, people, say what is one thing and what is not."""
    return (actor.is_human or actor.is_system) and actor.has(Role.OWNER, Role.MANAGER)


def conflict_settlers(actor: Actor, conflict: Any) -> bool:
    """Who may edit the item on which sources differ."""
    return item_editors(actor, conflict.ci)
