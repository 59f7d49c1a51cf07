"""Drawing on allowances: what the gate reserved for a change is drawn on the shares of who wants it, for as long as it
is reserved. A verified run refills a share, one that failed shrinks it; once nothing is left, people are told.

Promise: a draw is noted in the transaction that reserves the budgets, under their locks; the end of a run moves each
allowance once, however often it is told, and back where it is told otherwise.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal

from changes.allowances import rules
from changes.allowances.models import Allowance, AllowanceEntry
from changes.allowances.operations.entering import enter
from changes.allowances.operations.telling import tell_where_emptied
from changes.allowances.queries import binding
from changes.allowances.vocabulary import What
from itsm import lifecycle
from itsm.kernel.actors import Actor

GATE = Actor.system("gate")
_OF_RUNS = (What.REFILLED, What.SHRUNK)


def draw(draws: Mapping[str, Decimal], *, change: str, at: datetime) -> None:
    """Note what a change that was let go draws: reference of an allowance -> share of the dearest budget.

    The caller reserved as much, and holds the budgets' locks. Raises nothing.
    """
    numbers = {int(reference.rpartition("-")[2]): ratio for reference, ratio in draws.items() if ratio > 0}
    for allowance in Allowance.objects.filter(pk__in=numbers).order_by("pk"):
        enter(allowance, What.DRAWN, numbers[allowance.pk], at=at, change=change)


def give_back(change: str, *, reason: str, at: datetime) -> None:
    """Note that what a change drew is free again, and why. Nothing where nothing is out. Raises nothing."""
    moves = AllowanceEntry.objects.filter(change_reference=change, what__in=(What.DRAWN, What.RETURNED))
    out = {entry.allowance_id: entry for entry in moves.select_related("allowance").order_by("id")}
    for entry in out.values():
        if entry.what == What.DRAWN:
            enter(entry.allowance, What.RETURNED, entry.amount, at=at, change=change, reason=reason[:300])


def follow_run(
    *, service_id: int, accounts: Collection[int], change: str, run: int, failed: bool, at: datetime
) -> None:
    """A run in production has ended: verified, it refills what its people hold of this service; failed, it shrinks it.

    `accounts`: who wanted the change. `run`: its deployment. Told twice, it moves nothing more; told otherwise than
    before, it is moved back first. The caller holds the change. Raises nothing.
    """
    wanted = What.SHRUNK if failed else What.REFILLED
    for allowance in binding(service_id, accounts):
        with lifecycle.edit(allowance, actor=GATE, version=None, version_required=False, event=wanted.value) as current:
            told = list(current.entries.filter(change_reference=change, run=run, what__in=_OF_RUNS).order_by("id"))
            before, is_news = current.left, not told or told[-1].what != wanted
            if is_news:
                # What it took, and gave, by other words about the same run is undone first.
                undone = _within(current, before - sum((one.amount for one in told), Decimal(0)))
                current.left = (rules.shrunk if failed else rules.refilled)(current.share, undone)
        if is_news:
            enter(current, wanted, current.left - before, at=at, change=change, run=run)
            tell_where_emptied(current, before, actor=GATE, change=change, at=at)


def _within(allowance: Allowance, left: Decimal) -> Decimal:
    return min(max(left, Decimal(0)), allowance.share)
