"""The ledger: each move of an allowance is a row, written in the transaction that moves it."""

from datetime import datetime
from decimal import Decimal

from changes.allowances.models import Allowance, AllowanceEntry
from changes.allowances.vocabulary import What
from itsm.kernel.actors import Actor


def enter(
    allowance: Allowance,
    what: What,
    amount: Decimal,
    *,
    at: datetime,
    actor: Actor | None = None,
    change: str = "",
    run: int | None = None,
    reason: str = "",
) -> AllowanceEntry:
    """Note what was done, with the allowance as it is since. Raises nothing."""
    by = actor.account_id if actor is not None and not actor.is_system else None
    return AllowanceEntry.objects.create(
        allowance=allowance, what=what, amount=amount, share=allowance.share, left=allowance.left,
        change_reference=change, run=run, by_id=by, reason=reason, at=at,
    )  # fmt: skip
