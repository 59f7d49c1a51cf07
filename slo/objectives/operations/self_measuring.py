"""An owner's word that who measures an objective may get automatic answers by it."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext

from catalog.services.queries import read_by_changes_of
from itsm import lifecycle
from itsm.accounts import interest
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from itsm.kernel.texts import is_blank
from slo.measuring import permissions
from slo.objectives.models import Objective, SelfMeasuring
from slo.objectives.queries.measurers import persons_behind_objective

_LONGEST_ALLOWANCE = timedelta(days=366)


@transaction.atomic
def allow_self_measuring(
    objective: Objective, *, actor: Actor, reason: str, until: date, at: datetime
) -> SelfMeasuring:
    """Who measures this objective may get automatic answers by it, until that day.

    NotPermitted for programs, for others than the service's owners and change managers, and for the interested.
    """
    _check_allower(objective, actor)
    if is_blank(reason):
        raise InvalidInput(gettext("Give a reason: it stands beside the answers."), {"reason": [gettext("needed")]})
    if not at.date() <= until <= at.date() + _LONGEST_ALLOWANCE:
        raise InvalidInput(
            gettext("It holds at most a year; then somebody looks again."), {"until": [gettext("within a year")]}
        )
    lifecycle.locked(objective)
    if SelfMeasuring.objects.filter(objective=objective, ended_at=None, until__gte=at.date()).exists():
        raise Conflict(
            gettext("%(objective)s already has such an allowance; end that one first.") % {"objective": objective.slug}
        )
    for lapsed in SelfMeasuring.objects.filter(objective=objective, ended_at=None):
        _ended(lapsed, actor, at)
    allowed = SelfMeasuring.objects.create(
        objective=objective, reason=reason.strip(), until=until, allowed_by_id=actor.account_id, allowed_at=at
    )
    lifecycle.announce(
        objective, "self_measuring_allowed", actor=actor, changes={"until": [None, until]}, remark=reason
    )
    return lifecycle.created(allowed, actor=actor, changes={"until": [None, until]})


@transaction.atomic
def end_self_measuring(objective: Objective, *, actor: Actor, at: datetime) -> SelfMeasuring:
    """From now on their measurements alone lead to people again. Whoever keeps the objective may.

    Raises NotPermitted, and Conflict where there is no allowance.
    """
    if not permissions.allowance_enders(actor, objective.service):
        raise NotPermitted(
            gettext("%(actor_name)s may not end this allowance; the service's owners and engineers may.")
            % {"actor_name": actor.name}
        )
    lifecycle.locked(objective)
    standing = SelfMeasuring.objects.filter(objective=objective, ended_at=None).first()
    if standing is None:
        raise Conflict(gettext("%(objective)s has no such allowance.") % {"objective": objective.slug})
    lifecycle.announce(objective, "self_measuring_ended", actor=actor, changes={"until": [standing.until, None]})
    return _ended(standing, actor, at)


def _ended(allowed: SelfMeasuring, actor: Actor, at: datetime) -> SelfMeasuring:
    with lifecycle.edit(allowed, actor=actor, version=None, version_required=False, event="ended") as current:
        current.ended_at = at
    return current


def _check_allower(objective: Objective, actor: Actor) -> None:
    if not permissions.allowers(actor, objective.service) or actor.id is None:
        raise NotPermitted(
            gettext("%(actor_name)s may not allow this; owners of the service and change managers may.")
            % {"actor_name": actor.name}
        )
    if actor.person_id in persons_behind_objective(objective.pk):
        raise NotPermitted(
            gettext("%(actor_name)s measures %(objective)s; another person allows what that counts for.")
            % {"actor_name": actor.name, "objective": objective.slug}
        )
    services = read_by_changes_of([objective.service_id])
    interest.require_no_interest(actor, services, doing=gettext("allow self-measuring"))
