"""Who may do what here, as nouns for people."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from itsm.accounts.named_rights import named_right
from itsm.accounts.permissions import colleagues
from itsm.kernel.actors import Actor, Role

_keeps = named_right(
    "objectives.keep", _("define indicators and objectives, and send measurements"), lends=Role.ENGINEER
)


def readers(actor: Actor) -> bool:
    """Everyone signed in except those who only request."""
    return colleagues(actor)


@_keeps
def authors(actor: Actor) -> bool:
    """Who may define indicators, and objectives for some service (which one: `keepers`)."""
    return actor.has(Role.ENGINEER, Role.OWNER, Role.MANAGER)


@_keeps
def keepers(actor: Actor, service: Any) -> bool:
    """Who may set objectives for this service: engineers, change managers, owners in its team."""
    if actor.has(Role.ENGINEER, Role.MANAGER):
        return True
    return actor.has(Role.OWNER) and (service.team_id is None or actor.belongs_to(service.team_id))


def senders(actor: Actor) -> bool:
    """Who may send measurements: engineers and owners, and programs signed in with one of these roles."""
    return authors(actor)


def credential_keepers(actor: Actor) -> bool:
    """Who may say where a credential goes: it is worth more than what one team measures."""
    return actor.has(Role.MANAGER)


def measurer_namers(actor: Actor) -> bool:
    """People who say who measures, and who may measure themselves: owners and change managers."""
    return (actor.is_human or actor.is_system) and actor.has(Role.OWNER, Role.MANAGER)


def allowers(actor: Actor, service: Any) -> bool:
    """The same for one service: change managers, and owners in its team."""
    if not measurer_namers(actor):
        return False
    return actor.has(Role.MANAGER) or service.team_id is None or actor.belongs_to(service.team_id)


def allowance_enders(actor: Actor, service: Any) -> bool:
    """To end what was allowed only makes answers stricter: whoever keeps the service's objectives may, too."""
    return keepers(actor, service) or allowers(actor, service)


def quarantine_deciders(actor: Actor, sample: Any) -> bool:
    """People who say whether a sample counts: owners and change managers."""
    return measurer_namers(actor)
