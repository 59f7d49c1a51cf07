"""Who may describe services."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from itsm.accounts.named_rights import named_right
from itsm.accounts.permissions import anyone
from itsm.kernel.actors import Actor, Role

__all__ = ["anyone", "service_authors", "service_editors", "standard_authorisers"]


@named_right("services.keep", _("describe services of their teams, and what these offer"), lends=Role.ENGINEER)
def service_authors(actor: Actor, record: Any = None) -> bool:
    """Engineers, service owners, change managers; pipelines with one of these roles."""
    return actor.has(Role.ENGINEER, Role.OWNER, Role.MANAGER)


@named_right(
    "services.keep_any",
    _("describe services of every team, and what these offer"),
    lends=Role.OWNER,
    includes=("services.keep",),
)
def edit_every(actor: Actor, service: Any = None) -> bool:
    """Service owners and change managers: whatever team a service belongs to."""
    return actor.has(Role.OWNER, Role.MANAGER)


def service_editors(actor: Actor, service: Any) -> bool:
    """The owner team's members who may author, service owners, change managers."""
    if edit_every(actor):
        return True
    return service_authors(actor) and (service.team_id is None or actor.belongs_to(service.team_id))


def standard_authorisers(actor: Actor, record: Any = None) -> bool:
    """People whose word makes a kind of change standard: service owners and administrators."""
    return (actor.is_human or actor.is_system) and actor.has(Role.OWNER)
