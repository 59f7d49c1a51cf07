"""Who keeps mailboxes, and who lets mail go again to where it was not delivered."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from itsm.accounts.named_rights import named_right
from itsm.accounts.permissions import administrators, colleagues, participants
from itsm.kernel.actors import Actor, Role


def readers(actor: Actor, record: Any = None) -> bool:
    """Everybody who works here: how mail comes in, and where it does not arrive."""
    return colleagues(actor)


def keepers(actor: Actor, record: Any = None) -> bool:
    """Administrators: a mailbox says where a secret is sent, and whose mail is read."""
    return administrators(actor)


@named_right("mail.lift", _("let mail go again to where it was not delivered"), lends=Role.AGENT)
def lifters(actor: Actor, record: Any = None) -> bool:
    """Who talks to people: agents, managers and administrators."""
    return participants(actor) and actor.has(Role.AGENT, Role.MANAGER)
