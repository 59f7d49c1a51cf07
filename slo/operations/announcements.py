"""Telling those who listen that a budget's state is another one now.

A budget remembers which state was announced last. Announcing and remembering is one small
transaction per budget, so the news is neither lost nor told twice, and the evaluation's own
transaction stays short.
"""

from django.db import transaction
from django.db.models import F

from itsm import lifecycle
from itsm.kernel.actors import Actor
from slo.models import Budget


def announce_changes(*, actor: Actor) -> int:
    """Announce `budget.restated` for every budget whose state was not told yet. Returns how many."""
    owed = Budget.objects.exclude(state=F("announced_state")).order_by("pk").values_list("pk", flat=True)
    return sum(_announce(pk, actor) for pk in list(owed))


@transaction.atomic
def _announce(objective_id: int, actor: Actor) -> bool:
    budget = Budget.objects.select_for_update(of=("self",)).select_related("objective__service").get(pk=objective_id)
    before, after = budget.announced_state or None, budget.state
    if before == after:
        return False
    Budget.objects.filter(pk=objective_id).update(announced_state=after)
    lifecycle.announce(
        budget, "restated", actor=actor, changes={"state": [before, after], "remaining": [None, budget.remaining]}
    )
    return True
