"""Who may send measurements of an indicator, and whose own measurements an owner trusts."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext

from catalog.services.queries import read_by_changes_of
from itsm import lifecycle
from itsm.accounts import interest
from itsm.accounts.models import User
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from slo.measuring.models import Indicator, Measurer, SelfMeasuring
from slo.measuring.queries.measurers import fed_objectives, may_send, persons_behind_objective
from slo.measuring import permissions
from slo.objectives.models import Objective

MOST_MEASURERS = 20
_LONGEST_ALLOWANCE = timedelta(days=366)
_NOTED_EVERY = timedelta(minutes=5)


def first_measurer(indicator: Indicator, *, actor: Actor, at: datetime) -> None:
    """Who defines an indicator measures it, until an owner names others.

    Also where Headroom itself asks: whoever chose the query, the check and its address chose what comes back.
    """
    if actor.id is not None:
        Measurer.objects.create(indicator=indicator, account_id=actor.id, named_by=actor.name[:150], named_at=at)


def require_measurer(indicator: Indicator, actor: Actor) -> None:
    """NotPermitted for everybody but the measurers, and Headroom itself."""
    if not permissions.senders(actor):
        raise NotPermitted(gettext("%(actor_name)s may not send measurements.") % {"actor_name": actor.name})
    if not actor.is_system and indicator.source == Indicator.Source.PUSH and not may_send(indicator, actor):
        raise NotPermitted(
            gettext(
                "%(actor_name)s is not named as a measurer of %(indicator_slug)s; a service owner or a change manager "
                "names who sends its measurements."
            )
            % {"actor_name": actor.name, "indicator_slug": indicator.slug}
        )


def note_sent(indicator: Indicator, actor: Actor, at: datetime) -> None:
    """This measurer sent something, kept to a few minutes."""
    if actor.id is not None:
        quiet = Q(last_sent_at=None) | Q(last_sent_at__lt=at - _NOTED_EVERY)
        Measurer.objects.filter(quiet, indicator=indicator, account=actor.id).update(last_sent_at=at)


def may_name_measurers(actor: Actor, indicator: Indicator) -> bool:
    """Of every service that is judged by it."""
    services = [one.service for one in fed_objectives(indicator.pk)]
    return permissions.measurer_namers(actor) and all(permissions.allowers(actor, service) for service in services)


@transaction.atomic
def name_measurers(indicator: Indicator, *, actor: Actor, accounts: Collection[User], at: datetime) -> list[Measurer]:
    """From now on these accounts, and no others, answer for this indicator: of a pushed one they send the measurements.

    NotPermitted for programs, for others than owners and change managers, and for the interested; InvalidInput where
    an account could never send.
    """
    objectives = fed_objectives(indicator.pk)
    if not may_name_measurers(actor, indicator):
        raise NotPermitted(
            gettext("%(actor_name)s may not name who measures %(indicator_slug)s; its service's owners may.")
            % {"actor_name": actor.name, "indicator_slug": indicator.slug}
        )
    wanted = {account.pk: account for account in accounts}
    if not 1 <= len(wanted) <= MOST_MEASURERS or any(not one.is_active for one in wanted.values()):
        raise InvalidInput(
            gettext("Name 1 to %(most)s active accounts.") % {"most": MOST_MEASURERS}, {"measurers": ["1 to 20"]}
        )
    services = read_by_changes_of([one.service_id for one in objectives])
    interest.require_no_interest(actor, services, doing=gettext("name who measures this"))
    lifecycle.locked(indicator)
    before = list(Measurer.objects.filter(indicator=indicator).select_related("account"))
    known = {one.account_id for one in before}
    Measurer.objects.filter(indicator=indicator).exclude(account__in=wanted).delete()
    Measurer.objects.bulk_create(
        Measurer(indicator=indicator, account=account, named_by=actor.name[:150], named_at=at)
        for pk, account in wanted.items()
        if pk not in known
    )
    if known != wanted.keys():
        changes = {
            "measurers": [
                sorted(one.account.username for one in before),
                sorted(one.username for one in wanted.values()),
            ]
        }
        lifecycle.announce(indicator, "measurers_named", actor=actor, changes=changes)
    return list(Measurer.objects.filter(indicator=indicator).select_related("account"))


@transaction.atomic
def allow_self_measuring(
    objective: Objective, *, actor: Actor, reason: str, until: date, at: datetime
) -> SelfMeasuring:
    """Who measures this objective may get automatic answers by it, until that day.

    NotPermitted for programs, for others than the service's owners and change managers, and for the interested.
    """
    _check_allower(objective, actor)
    if not reason.strip():
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
        objective=objective, reason=reason.strip(), until=until, allowed_by_id=actor.id or 0, allowed_at=at
    )
    lifecycle.announce(
        objective, "self_measuring_allowed", actor=actor, changes={"until": [None, until]}, remark=reason
    )
    return lifecycle.created(allowed, actor=actor, changes={"until": [None, until]})


@transaction.atomic
def end_self_measuring(objective: Objective, *, actor: Actor, at: datetime) -> SelfMeasuring:
    """From now on their measurements alone lead to people again. Whoever keeps the objective may."""
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
