"""Who speaks to everybody."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from itsm.accounts.named_rights import named_right
from itsm.accounts.permissions import anyone, staff
from itsm.kernel.actors import Actor, Role

__all__ = ["announcers", "anyone", "staff"]


@named_right("announcements.write", _("announce something to everybody"), lends=Role.AGENT)
def announcers(actor: Actor, record: Any = None) -> bool:
    """The desk, service owners, change managers and administrators."""
    return actor.has(Role.AGENT, Role.OWNER, Role.MANAGER)
