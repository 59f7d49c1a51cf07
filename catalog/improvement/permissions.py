"""Who proposes, accepts and carries out improvements."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from itsm.accounts.named_rights import named_right
from itsm.accounts.permissions import contributors, staff
from itsm.kernel.actors import Actor, Role

__all__ = ["accepters", "keepers", "proposers", "staff", "writers"]


def proposers(actor: Actor, record: Any = None) -> bool:
    """Everybody who works here and does not only read."""
    return contributors(actor)


@named_right("improvements.accept", _("accept improvements"), lends=Role.OWNER)
def accepters(actor: Actor, record: Any = None) -> bool:
    """Service owners and change managers, people: it costs other work its time."""
    return (actor.is_human or actor.is_system) and actor.has(Role.OWNER, Role.MANAGER)


@named_right("improvements.keep", _("keep the improvements of others"), lends=Role.OWNER)
def keep_every(actor: Actor, improvement: Any = None) -> bool:
    """Service owners and change managers, whosever it is."""
    return actor.has(Role.OWNER, Role.MANAGER)


def keepers(actor: Actor, improvement: Any) -> bool:
    """Its owner, service owners and change managers."""
    theirs = actor.id is not None and actor.id == improvement.owner_id
    return keep_every(actor) or (theirs and contributors(actor))


def writers(actor: Actor, improvement: Any) -> bool:
    """Its keepers, and who proposed it."""
    proposed = actor.id is not None and actor.id == improvement.proposed_by_id
    return keepers(actor, improvement) or (proposed and contributors(actor))
