"""Who may do what with the change calendar."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from itsm.accounts.named_rights import named_right
from itsm.kernel.actors import Actor, Role


@named_right("calendar.keep", _("keep the change calendar"), lends=Role.MANAGER)
def calendar_keepers(actor: Actor, record: Any = None) -> bool:
    """Change managers keep the calendar of freezes and maintenance."""
    return (actor.is_human or actor.is_system) and actor.has(Role.MANAGER)


def calendar_deciders(actor: Actor, window: Any) -> bool:
    """A change manager, a person, other than who drafted it; who exactly may answer, the ask says."""
    return actor.is_human and actor.has(Role.MANAGER) and actor.id != window.created_by_id
