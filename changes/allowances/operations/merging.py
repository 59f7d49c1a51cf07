"""Teams that are merged: what one held goes on as the other's."""

from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext

from changes.allowances.models import Allowance
from changes.allowances.operations.entering import enter
from changes.allowances.operations.holding import hold_shares
from changes.allowances.vocabulary import What
from itsm import lifecycle
from itsm.accounts.models import Team
from itsm.kernel.actors import Actor


def team_merged(old: Team, new: Team, actor: Actor) -> int:
    """The shares of a team that is merged bind the other one, in the merge's transaction; where that has one of the
    same service, both are one, as large as they were together. How many. Raises nothing.
    """
    moved = list(Allowance.objects.standing().filter(team=old).order_by("service_id"))
    for one in moved:
        hold_shares(one.service_id)
        other = Allowance.objects.standing().filter(team=new, service=one.service_id).first()
        if other is None:
            with lifecycle.edit(one, actor=actor, version=None, version_required=False) as current:
                current.team = new
        else:
            _join(one, other, new, actor)
    return len(moved)


def _join(one: Allowance, other: Allowance, new: Team, actor: Actor) -> None:
    at, why = timezone.now(), gettext("the teams were merged")
    with lifecycle.edit(one, actor=actor, version=None, version_required=False, event="taken_back") as gone:
        gone.ended_at, gone.ended_by_id = at, actor.account_id or one.given_by_id
    enter(gone, What.TAKEN_BACK, -gone.left, at=at, actor=actor, reason=why)
    with lifecycle.edit(other, actor=actor, version=None, version_required=False) as current:
        current.share, current.left = current.share + gone.share, current.left + gone.left
    enter(current, What.CHANGED, Decimal(gone.left), at=at, actor=actor, reason=why)
