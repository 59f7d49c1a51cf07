"""Who may do what with problems: a role says which verbs, the queue says on what; a step needs both."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from incidents.incident.permissions import responders
from itsm.accounts.named_rights import named_right
from itsm.accounts.permissions import participants, staff, the_system
from itsm.accounts.queues import rights_in_queues
from itsm.kernel.actors import Actor, Role

__all__ = [
    "managers",
    "participants",
    "readers",
    "responders",
    "risk_owners",
    "staff",
    "the_system",
    "workers",
]


def readers(actor: Actor, problem: Any) -> bool:
    """Everybody who works here and sees its queue; never a requester."""
    return staff(actor) and rights_in_queues(actor).sees(problem.team_id)


def workers(actor: Actor, problem: Any) -> bool:
    """Responders who may change what lies in its queue."""
    return responders(actor) and rights_in_queues(actor).may_change(problem.team_id)


@named_right(
    "problems.manage", _("manage problems in their queues"), lends=Role.MANAGER, includes=("incidents.respond",)
)
def manage(actor: Actor, problem: Any = None) -> bool:
    """Managers; on which problems, `managers` says."""
    return actor.has(Role.MANAGER)


def managers(actor: Actor, problem: Any) -> bool:
    """Problem managers: managers who may change what lies in its queue; recurrence, which is Headroom itself."""
    return manage(actor) and workers(actor, problem)


def risk_owners(actor: Actor, problem: Any) -> bool:
    """Who answers for the service: a person, owner in the team of the service; of one without a team, any owner.

    Of a problem without a service: managers, who find out whose it is.
    """
    if not actor.is_human or not readers(actor, problem):
        return False
    service = problem.service
    if service is None:
        return actor.has(Role.MANAGER) and managers(actor, problem)
    return actor.has(Role.OWNER) and (service.team_id is None or _answers_for(actor, service.team_id))


def _answers_for(actor: Actor, team_id: int) -> bool:
    return actor.belongs_to(team_id) or Role.ADMIN in actor.roles
