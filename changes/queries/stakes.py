"""Who has a stake in what is open about a service: whoever asked for, wrote or carries out one of its open changes."""

from collections.abc import Collection

from changes.models import Change
from changes.workflow import OVER
from itsm.accounts.interest import Stake
from itsm.kernel.references import reference


def stakes(service_ids: Collection[int]) -> list[Stake]:
    """One stake for each account of each open change of these services. One query."""
    rows = (
        Change.objects.filter(service__in=service_ids)
        .exclude(status__in=OVER)
        .order_by("pk")
        .values_list("pk", "requested_by_id", "author_id", "implementer_id")
    )
    return [
        Stake(account_id, reference("CHG", number))
        for number, *accounts in rows
        for account_id in dict.fromkeys(accounts)
        if account_id is not None
    ]
