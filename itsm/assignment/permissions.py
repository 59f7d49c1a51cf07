"""Who keeps assignment rules, and who reads them."""

from typing import Any

from django.db.models import QuerySet

from itsm.accounts.models import Membership
from itsm.accounts.permissions import administrators, staff
from itsm.assignment.models import Rule
from itsm.kernel.actors import Actor

__all__ = ["keepers", "leads_of", "makers", "rules_administrators", "staff"]


def rules_administrators(actor: Actor, rule: Any = None) -> bool:
    """Administrators, people; Headroom's own commands."""
    return administrators(actor) and (actor.is_human or actor.is_system)


def leads_of(actor: Actor) -> "QuerySet[Membership, int]":
    """The ids of the queues that the actor leads."""
    mine = Membership.objects.filter(user=actor.id, lead=True, team__takes_work=True)
    return mine.values_list("team", flat=True) if actor.is_human else mine.none().values_list("team", flat=True)


def makers(actor: Actor, rule: Any = None) -> bool:
    """Administrators, and whoever leads a queue."""
    return rules_administrators(actor) or (staff(actor) and leads_of(actor).exists())


def keepers(actor: Actor, rule: Rule) -> bool:
    """Administrators, and the leads of the queue that a rule places into."""
    return rules_administrators(actor) or (staff(actor) and rule.own_queue and rule.team_id in set(leads_of(actor)))
