"""Who may do what with alerts of other systems."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from incidents.incident.permissions import responders
from itsm.accounts.named_rights import named_right
from itsm.accounts.permissions import administrators, colleagues
from itsm.kernel.actors import Actor, Role

__all__ = ["keepers", "readers", "responders", "senders"]


def readers(actor: Actor, record: Any = None) -> bool:
    """Everybody who works here sees what fires."""
    return colleagues(actor)


def senders(actor: Actor, record: Any = None) -> bool:
    """Programs with a role that works on incidents. No person: what an alert says counts as seen by somebody else."""
    return not actor.is_human and responders(actor)


@named_right("alerts.keep", _("keep the sources of alerts and their routing"), lends=Role.MANAGER)
def keepers(actor: Actor, record: Any = None) -> bool:
    """People who keep sources, their mappings and the rules of routing: change managers and administrators."""
    return (actor.is_human or actor.is_system) and (actor.has(Role.MANAGER) or administrators(actor))
