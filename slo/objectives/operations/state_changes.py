"""Telling those who listen that a budget's state is another one now.

A budget remembers which state was announced last. Announcing and remembering is one small
transaction per budget, so the news is neither lost nor told twice, and the evaluation's own
transaction stays short.
"""

from collections.abc import Collection

from django.db import transaction
from django.db.models import F

from itsm import lifecycle
from itsm.kernel.actors import Actor
from slo.objectives.models import Budget


def announce_changes(objectives: Collection[int] | None = None, *, actor: Actor) -> int:
    """Announce `budget.state_changed` for these budgets (None: all) whose state was not told yet. Returns how many."""
    owed = Budget.objects.exclude(state=F("announced_state")).select_related("objective__service").order_by("pk")
    if objectives is not None:
        owed = owed.filter(pk__in=objectives)
    return sum(announce(budget, actor=actor) for budget in owed)


@transaction.atomic
def announce(budget: Budget, *, actor: Actor) -> bool:
    """Tell one budget's news; False where somebody else told it, or it is another one, meanwhile.

    The budget's row first, listeners after it: the gate locks budgets before changes too. So nobody
    waits in a circle, and an approval that was under way on the old state is there to be taken back.
    """
    before, after = budget.announced_state, budget.state
    claimed = Budget.objects.filter(pk=budget.pk, announced_state=before, state=after).update(announced_state=after)
    if claimed:
        changes = {"state": [before or None, after], "remaining": [None, budget.remaining]}
        lifecycle.announce(budget, "state_changed", actor=actor, changes=changes)
    return bool(claimed)
