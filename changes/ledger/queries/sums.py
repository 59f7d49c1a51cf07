"""The debits of a change summed up, by objective, and what it held of these budgets."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from django.db.models import QuerySet, Sum

from changes.change.models import Change, Deployment
from changes.ledger.models import Debit, Refund
from changes.ledger.vocabulary import FailedBy
from changes.policies.queries import in_force
from itsm.work.models import Link
from slo.objectives.queries.held import held_by

_PLACES = Decimal("1e-9")
_ENDED_BADLY = (Deployment.Status.FAILED, Deployment.Status.ROLLED_BACK)


@dataclass(frozen=True, slots=True)
class ObjectiveSum:
    """What a change cost one objective: amounts in its units, shares of its budget. `share` is after refunds."""

    objective: int
    debit: int
    dependency: int
    refunded: int
    share: Decimal
    gross: Decimal
    reserved: Decimal

    @property
    def net(self) -> int:
        """What is left of the debit after refunds."""
        return max(0, self.debit - self.refunded)

    @property
    def is_above_reserved(self) -> bool:
        """Whether it took more than was held for it."""
        return self.share > self.reserved


def sums_of(change: Change) -> list[ObjectiveSum]:
    """By objective, the dearest first. Three queries, and which policy rules where that is asked.

    Where nothing was held for it (people let it go) it is measured by what the policy holds without a history.
    """
    rows = Debit.objects.filter(change=change).order_by().values("objective")
    totals = list(rows.annotate(debit=Sum("amount"), out=Sum("dependency"), part=Sum("share"), all=Sum("gross")))
    given = Refund.objects.filter(change=change).order_by().values("objective").annotate(back=Sum("amount"))
    refunded = {row["objective"]: row["back"] for row in given}
    held = held_by(change.reference)
    unheld = any(row["objective"] not in held for row in totals)
    usual = in_force().limits.reservation_ratio if unheld else Decimal(0)
    found = [
        ObjectiveSum(
            objective=row["objective"],
            debit=row["debit"],
            dependency=row["out"],
            refunded=refunded.get(row["objective"], 0),
            share=_after(row["part"], row["debit"], refunded.get(row["objective"], 0)),
            gross=row["all"],
            reserved=held.get(row["objective"], usual),
        )
        for row in totals
    ]
    return sorted(found, key=lambda one: (-one.share, one.objective))


def _after(share: Decimal, debit: int, refunded: int) -> Decimal:
    """What is left of a share; rounded up."""
    if not debit or not refunded:
        return share
    return (share * max(0, debit - refunded) / debit).quantize(_PLACES, rounding=ROUND_CEILING)


def failed_by(change: Change, sums: list[ObjectiveSum]) -> FailedBy:
    """Why this run counts as failed: rolled back, named by an incident as its cause, or dearer than was reserved.

    Two queries.
    """
    if change.deployments.filter(status__in=_ENDED_BADLY).exists():
        return FailedBy.ROLLED_BACK
    if names_it(change):
        return FailedBy.INCIDENT
    return by_debit(sums)


def by_debit(sums: list[ObjectiveSum]) -> FailedBy:
    """What its debits alone say of it."""
    return FailedBy.DEBIT if any(one.is_above_reserved for one in sums) else FailedBy.NOTHING


def names_it(change: Change) -> bool:
    """Whether a person linked it to an incident as the cause of that. One query."""
    return naming(change.pk).exists()


def naming(change_id: int) -> QuerySet[Link]:
    """The arrows to incidents that people said this change caused."""
    arrows = Link.objects.filter(from_kind=Change.kind, from_id=change_id, to_kind="incident")
    return arrows.filter(meaning=Link.Meaning.CAUSED)
