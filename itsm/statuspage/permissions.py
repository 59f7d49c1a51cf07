"""Who speaks to the public, and who says what a status page shows."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from itsm.accounts.named_rights import named_right
from itsm.accounts.permissions import administrators, staff
from itsm.kernel.actors import Actor, Role

__all__ = ["keepers", "publishers", "readers"]


def readers(actor: Actor, record: Any = None) -> bool:
    """Everybody who works here reads what the public is told, and who told it."""
    return staff(actor)


@named_right("status.publish", _("tell the public on status pages"), lends=Role.AGENT)
def publishers(actor: Actor, record: Any = None) -> bool:
    """People of the desk, service owners and change managers, and Headroom where a change moves its maintenance.

    Programs never: what an alert says, a person says to the public or nobody does.
    """
    return actor.is_system or (actor.is_human and actor.has(Role.AGENT, Role.OWNER, Role.MANAGER))


@named_right("status.keep", _("keep status pages and their components"), lends=Role.MANAGER)
def keepers(actor: Actor, record: Any = None) -> bool:
    """Change managers and administrators, people: pages and their components."""
    return actor.is_human and (administrators(actor) or actor.has(Role.MANAGER))
