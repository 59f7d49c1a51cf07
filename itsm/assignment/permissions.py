"""Who keeps assignment rules, and who reads them."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from itsm.accounts.named_rights import named_right
from itsm.accounts.permissions import administrators, staff
from itsm.accounts.queues import teams_led_by
from itsm.assignment.models import Rule
from itsm.kernel.actors import Actor, Role

__all__ = ["keepers", "makers", "queues_led_by", "rules_administrators", "staff"]


@named_right("assignment.keep", _("keep the rules that place new work"), lends=Role.ADMIN)
def rules_administrators(actor: Actor, rule: Any = None) -> bool:
    """Administrators, people; Headroom's own commands."""
    return administrators(actor) and (actor.is_human or actor.is_system)


def queues_led_by(actor: Actor) -> frozenset[int]:
    """The ids of the queues that the actor leads."""
    return teams_led_by(actor, only_queues=True)


def makers(actor: Actor, rule: Any = None) -> bool:
    """Administrators, and whoever leads a queue."""
    return rules_administrators(actor) or (staff(actor) and bool(queues_led_by(actor)))


def keepers(actor: Actor, rule: Rule) -> bool:
    """Administrators, and the leads of the queue that a rule places into."""
    return rules_administrators(actor) or (staff(actor) and rule.own_queue and rule.team_id in queues_led_by(actor))
