"""Who says which incidents wake whom."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from itsm.accounts.named_rights import named_right
from itsm.accounts.permissions import administrators, anyone, staff
from itsm.kernel.actors import Actor, Role

__all__ = ["administrators", "anyone", "keepers", "staff"]


@named_right("escalations.keep", _("say which incidents wake whom"), lends=Role.MANAGER)
def keepers(actor: Actor, route: Any = None) -> bool:
    """Managers and administrators."""
    return actor.has(Role.MANAGER, Role.ADMIN)
