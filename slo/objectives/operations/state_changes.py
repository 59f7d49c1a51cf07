"""Telling those who listen that a budget's state is another one now.

A budget remembers which state was announced last. Announcing and remembering is one transaction, so the
news is neither lost nor told twice, and the evaluation's own transaction stays short. What nobody would do
anything about is noted for many budgets at once; the rest is told in one small transaction per budget.
"""

from collections.abc import Collection, Sequence
from itertools import islice

from django.db import transaction
from django.db.models import F, QuerySet

from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.lifecycle import RecordEvent
from slo.objectives.models import Budget

# Budgets that are held together, for the fraction of a second that writing their news down takes.
AT_ONCE = 500
_TOLD_OF = ("state", "announced_state", "remaining")
_LISTENED_TO = ("flags", "objective__slug", "objective__service_id", "objective__environment", "objective__gating")


def announce_changes(objectives: Collection[int] | None = None, *, actor: Actor) -> int:
    """Announce `budget.state_changed` for these budgets (None: all) whose state was not told yet. Returns how many.

    Raises nothing.
    """
    owed = _owed()
    if objectives is not None:
        owed = owed.filter(pk__in=objectives)
    waiting, told = iter(owed.values_list("pk", flat=True)), 0
    while some := list(islice(waiting, AT_ONCE)):
        count, acted_on = announce_in_bulk(some, actor=actor)
        told += count + sum(announce(budget, actor=actor) for budget in acted_on)
    return told


def _owed() -> "QuerySet[Budget]":
    return Budget.objects.exclude(state=F("announced_state")).order_by("pk")


@transaction.atomic
def announce_in_bulk(budget_ids: Sequence[int], *, actor: Actor) -> tuple[int, list[Budget]]:
    """Tell the news of these budgets that nobody acts on. Returns how many they were, and those for `announce`.

    They are locked in id order, and whoever may let a change go on one of them, or make it wait, locks it as well:
    so nobody begins to act on it between the question and the commit.

    Raises nothing.
    """
    held = _owed().filter(pk__in=budget_ids).select_for_update(of=("self",), no_key=True).select_related("objective")
    budgets = list(held.only(*_TOLD_OF, *_LISTENED_TO))
    acted_on = lifecycle.announce_in_bulk([_news(budget, actor) for budget in budgets])
    left = [news.record for news in acted_on]
    quiet = {budget.pk for budget in budgets} - {budget.pk for budget in left}
    Budget.objects.filter(pk__in=quiet).update(announced_state=F("state"))
    return len(quiet), left


@transaction.atomic
def announce(budget: Budget, *, actor: Actor) -> bool:
    """Tell one budget's news; False where somebody else told it, or it is another one, meanwhile.

    The budget's row first, listeners after it: the gate locks budgets before changes too. So nobody
    waits in a circle, and an approval that was under way on the old state is there to be taken back.

    Raises nothing.
    """
    before, after = budget.announced_state, budget.state
    claimed = Budget.objects.filter(pk=budget.pk, announced_state=before, state=after).update(announced_state=after)
    if claimed:
        lifecycle.announce(budget, "state_changed", actor=actor, changes=_news(budget, actor).changes)
    return bool(claimed)


def _news(budget: Budget, actor: Actor) -> RecordEvent:
    changes = {"state": [budget.announced_state or None, budget.state], "remaining": [None, budget.remaining]}
    return RecordEvent(budget, f"{budget.kind}.state_changed", actor, changes)
