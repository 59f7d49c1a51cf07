"""Who may do what with deployments and with the doors by which platforms tell of them: nouns for people."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from itsm.accounts.named_rights import named_right
from itsm.accounts.permissions import administrators, staff
from itsm.kernel.actors import Actor, Role

__all__ = ["keepers", "readers", "tellers"]


def readers(actor: Actor, record: Any = None) -> bool:
    """Everybody who works here, and its programs: whoever sees changes."""
    return staff(actor)


@named_right("deliveries.tell", _("tell of deployments (programs only)"), lends=Role.ENGINEER)
def tellers(actor: Actor, record: Any = None) -> bool:
    """Programs with a role that asks the gate, and Headroom itself. What they tell makes no verdict kinder."""
    return not actor.is_human and actor.has(Role.ENGINEER, Role.OWNER, Role.MANAGER)


@named_right("deliveries.keep", _("keep the doors by which platforms tell of deployments"), lends=Role.MANAGER)
def keepers(actor: Actor, record: Any = None) -> bool:
    """People who keep the doors and what is mapped to which service: change managers and administrators."""
    return (actor.is_human or actor.is_system) and (actor.has(Role.MANAGER) or administrators(actor))
