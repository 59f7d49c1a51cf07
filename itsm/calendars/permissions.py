"""Who keeps calendars, and who reads them."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from itsm.accounts.named_rights import named_right
from itsm.accounts.permissions import administrators, staff
from itsm.kernel.actors import Actor, Role

__all__ = ["calendar_keepers", "calendar_readers"]


@named_right("hours.keep", _("keep opening hours and holidays"), lends=Role.ADMIN)
def calendar_keepers(actor: Actor, record: Any = None) -> bool:
    """Administrators, people; Headroom's own commands."""
    return administrators(actor) and (actor.is_human or actor.is_system)


def calendar_readers(actor: Actor, record: Any = None) -> bool:
    """Everybody who works here: a due time must be explained to whom it binds."""
    return staff(actor)
