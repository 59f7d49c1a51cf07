"""Who may do what here, as nouns for people. Who measures a service also keeps its objectives."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from itsm.accounts.named_rights import named_right
from itsm.kernel.actors import Actor, Role
from slo.measuring.permissions import authors as authors
from slo.measuring.permissions import keepers as keepers
from slo.measuring.permissions import readers as readers


def budget_authorities(actor: Actor) -> bool:
    """Who may relax an objective while its budget is exhausted."""
    return actor.has(Role.MANAGER)


def the_system(actor: Actor, record: Any) -> bool:
    """What only Headroom itself does."""
    return actor.is_system


def proposers(actor: Actor, objective: Any) -> bool:
    """Who may propose that a period does not count: those who keep the objective, and the calendar."""
    return actor.is_system or keepers(actor, objective.service)


def correction_deciders(actor: Actor, correction: Any) -> bool:
    """People who are change managers, or owners in the service's team, but never who proposed it."""
    if not (actor.is_human or actor.is_system) or (actor.id is not None and actor.id == correction.owner_id):
        return False
    if actor.has(Role.MANAGER):
        return True
    service = correction.objective.service
    return actor.has(Role.OWNER) and (service.team_id is None or actor.belongs_to(service.team_id))


def correction_withdrawers(actor: Actor, correction: Any) -> bool:
    """Who proposed it, and who could have decided it."""
    return (actor.id is not None and actor.id == correction.owner_id) or correction_deciders(actor, correction)


@named_right("objectives.attribute", _("say what an outage came from"), lends=Role.AGENT)
def attributors(actor: Actor) -> bool:
    """Who may say what an outage came from: all who work on incidents or services."""
    return actor.has(Role.AGENT, Role.ENGINEER, Role.OWNER, Role.MANAGER)
