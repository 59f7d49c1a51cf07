"""Who keeps the register of environments."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from itsm.accounts.named_rights import named_right
from itsm.accounts.permissions import anyone
from itsm.kernel.actors import Actor, Role

__all__ = ["anyone", "environment_keepers"]


@named_right("environments.keep", _("keep the register of environments"), lends=Role.MANAGER)
def environment_keepers(actor: Actor, record: Any = None) -> bool:
    """Administrators and change managers, people; Headroom's own commands."""
    return actor.is_system or (actor.is_human and actor.has(Role.MANAGER))
