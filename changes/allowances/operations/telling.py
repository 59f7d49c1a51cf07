"""Who hears that an allowance is empty: whoever holds it goes on by asking people, and whoever gave it may look why."""

from datetime import datetime
from decimal import Decimal

from changes.allowances.models import Allowance
from changes.allowances.rules import REFILL
from itsm.accounts.interest import natural_persons
from itsm.accounts.queues import managers, members_of, owners_in
from itsm.kernel.actors import Actor
from itsm.notifications.sayings import saying as _
from itsm.notifications.telling import tell
from itsm.ui.figures import percent

EMPTIED = "allowance.emptied"


def tell_where_emptied(allowance: Allowance, before: Decimal, *, actor: Actor, change: str = "", at: datetime) -> None:
    """Tell of it where `left` was more than nothing before and is nothing now, so once each time it runs empty: the
    agent's owner or the team's leads, and whoever keeps the service's shares. In the caller's transaction, which holds
    the allowance. Raises nothing."""
    if not before or allowance.left or allowance.ended_at is not None:
        return
    words = {
        "holder": allowance.agent.username if allowance.agent is not None else str(allowance.team),
        "service": allowance.service.name, "change": change, "refill": percent(REFILL),
    }  # fmt: skip
    goes_on = _(
        "%(holder)s goes on by asking: until there is something left, people decide about each of its changes on "
        "%(service)s. Each run of them that is verified gives %(refill)s of the share back; an owner of the service or "
        "a change manager may make it larger."
    )
    after_a_run = _(
        "The run of %(change)s took the last of it: look at what failed there. %(holder)s goes on by asking: until "
        "there is something left, people decide about each of its changes on %(service)s. Each run of them that is "
        "verified gives %(refill)s of the share back; an owner of the service or a change manager may make it larger."
    )
    tell(
        EMPTIED,
        {**_holders(allowance), "approver": _keepers(allowance)},
        _("The allowance of %(holder)s on %(service)s is empty: people decide") % words,
        by=actor.id,
        body=(after_a_run if change else goes_on) % words,
        path=allowance.get_absolute_url(),
        record=allowance,
        at=at,
    )


def _holders(allowance: Allowance) -> dict[str, list[int]]:
    if allowance.agent_id is not None:
        return {"owner": sorted(natural_persons([allowance.agent_id]))}
    leads = members_of(allowance.team_id or 0, leads_only=True)
    return {"lead": list(leads.values_list("pk", flat=True))}


def _keepers(allowance: Allowance) -> list[int]:
    """Owners in the service's team; change managers where there are none."""
    owners = list(owners_in(allowance.service.team_id).values_list("pk", flat=True))
    return owners or list(managers().values_list("pk", flat=True))
