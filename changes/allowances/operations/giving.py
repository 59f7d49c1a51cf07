"""Allowances are given, changed and taken back: by the service's owner or a change manager, in person.

Promise: what makes an answer of the gate kinder is done by somebody without a stake; what makes it stricter, at once.
To an agent a share is leave to go without people; of a team, which without one is judged as everybody, it is a bound.
The shares of a service are added up under its lock, so that together they are never more than its headroom.
"""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext

from catalog.services.queries import every_service, read_by_changes_of
from changes.allowances import permissions, rules
from changes.allowances.models import Allowance
from changes.allowances.operations.entering import enter
from changes.allowances.operations.holding import hold_shares
from changes.allowances.operations.telling import tell_where_emptied
from changes.allowances.queries import shared_out
from changes.allowances.vocabulary import What
from itsm import lifecycle
from itsm.accounts.interest import natural_persons, require_no_interest
from itsm.accounts.models import Team, User
from itsm.accounts.operations import require_active, require_standing
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, WrongState
from itsm.ui.figures import percent

if TYPE_CHECKING:
    from catalog.models import Service


@transaction.atomic
def give(
    *,
    actor: Actor,
    service: "Service",
    share: Decimal,
    at: datetime,
    agent: User | None = None,
    team: Team | None = None,
    reason: str = "",
) -> Allowance:
    """Give an agent, or a team, this share (of 1) of a service's headroom.

    Raises NotPermitted (who may not, a program, to an agent: a stake in an open change, or one's own agent),
    InvalidInput (share, holder, more than is left to share out), Conflict (it has one already).
    """
    _require_giver(actor, service)
    _require_holder(agent, team)
    if agent is not None:
        _require_widening(actor, service.pk, agent)
    _require_share(share)
    hold_shares(service.pk)
    _require_room(service, share)
    if Allowance.objects.standing().filter(service=service, agent=agent, team=team).exists():
        raise Conflict(
            gettext("%(holder)s has an allowance on %(service)s already: change its share.")
            % {"holder": agent or team, "service": service.slug}
        )
    given = Allowance.objects.create(
        service=service, agent=agent, team=team, share=share, left=share, given_by_id=actor.account_id, given_at=at
    )
    told = {"holder": [None, given.holder], "service": [None, service.slug], "share": [None, str(share)]}
    lifecycle.created(given, actor=actor, changes=told, at=at)
    enter(given, What.GIVEN, share, at=at, actor=actor, reason=reason)
    return given


@transaction.atomic
def change_share(
    allowance: Allowance, *, actor: Actor, share: Decimal, version: int | None, at: datetime, reason: str = ""
) -> Allowance:
    """Make the share another one. What failures took of it stays taken.

    Raises NotPermitted (as in `give`, where it makes an answer kinder), InvalidInput, WrongState (taken back) and
    StaleVersion.
    """
    service = every_service().get(pk=allowance.service_id)
    _require_giver(actor, service)
    _require_share(share)
    hold_shares(service.pk)
    with lifecycle.edit(allowance, actor=actor, version=version) as current:
        _require_standing(current)
        raises, before = share > current.share, current.left
        if raises:
            _require_widening(actor, service.pk, current.agent)
            _require_room(service, share - current.share)
            current.given_by_id, current.given_at = actor.account_id, at
        current.left = rules.rescaled(current.share, current.left, share)
        current.share = share
    enter(current, What.CHANGED, current.left - before, at=at, actor=actor, reason=reason)
    tell_where_emptied(current, before, actor=actor, at=at)
    return current


@transaction.atomic
def take_back(allowance: Allowance, *, actor: Actor, version: int | None, at: datetime, reason: str = "") -> Allowance:
    """End it at once. An agent's changes go to people from now on; what was let go and has not started is judged again
    as it starts. A team's are judged as everybody's again, which somebody without a stake says.

    Raises NotPermitted, WrongState where it was taken back already, and StaleVersion.
    """
    service = every_service().get(pk=allowance.service_id)
    _require_giver(actor, service)
    if allowance.team_id is not None:
        _require_widening(actor, service.pk, None)
    with lifecycle.edit(allowance, actor=actor, version=version, event="taken_back") as current:
        _require_standing(current)
        current.ended_at, current.ended_by_id = at, actor.account_id
    enter(current, What.TAKEN_BACK, -current.left, at=at, actor=actor, reason=reason)
    return current


def _require_giver(actor: Actor, service: "Service") -> None:
    if not permissions.givers(actor, service):
        raise NotPermitted(gettext("Owners of the service and change managers, people, share out its headroom."))


def _require_holder(agent: User | None, team: Team | None) -> None:
    if (agent is None) == (team is None):
        raise InvalidInput.about("agent", gettext("Name a software agent or a team, one of them."))
    if team is not None:
        require_standing(team)
    if agent is not None:
        if agent.account_type != User.AccountType.AGENT:
            raise InvalidInput.about("agent", gettext("This account is no software agent."))
        require_active(agent)


def _require_widening(actor: Actor, service_id: int, agent: User | None) -> None:
    """It makes answers of the gate kinder, also about what rests on this service."""
    require_no_interest(actor, read_by_changes_of([service_id]), doing=gettext("share out headroom more generously"))
    if agent is not None and natural_persons([agent.pk]) & natural_persons([actor.account_id]):
        raise NotPermitted(
            gettext("%(agent)s acts for %(person)s: somebody else says what it may draw.")
            % {"agent": agent, "person": actor.name}
        )


def _require_share(share: Decimal) -> None:
    if not share.is_finite() or not rules.STEP <= share <= rules.WHOLE or share != share.quantize(rules.STEP):
        raise InvalidInput.about(
            "share", gettext("A share is above 0 and up to 1 of the headroom, with six decimals at most.")
        )


def _require_room(service: "Service", more: Decimal) -> None:
    given = shared_out([service.pk]).get(service.pk, Decimal(0))
    if given + more > rules.WHOLE:
        raise InvalidInput.about(
            "share",
            gettext("%(given)s of the headroom of %(service)s is shared out; at most %(room)s more can be given.")
            % {"given": percent(given), "service": service.slug, "room": percent(rules.WHOLE - given)},
        )


def _require_standing(allowance: Allowance) -> None:
    if allowance.ended_at is not None:
        raise WrongState(gettext("This allowance was taken back; give another one."))
