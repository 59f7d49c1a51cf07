"""Who has a stake in what is open about a service: whoever asked for, wrote or carries out one of its open changes, and
whose program did, whoever owns it by now.

A change that was called off goes on to count for a day after it was last asked about: calling it off, making the next
answer more lenient and asking anew are a minute's work.
"""

from collections.abc import Collection
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from changes.change.models import Change, Evaluation
from changes.change.workflow import OVER, Status
from itsm.accounts.interest import Stake
from itsm.kernel.references import reference

REMEMBERED = timedelta(days=1)


def stakes(service_ids: Collection[int]) -> list[Stake]:
    """One stake for each account of each such change of these services, or that names one of these items. One query."""
    lately = Evaluation.objects.filter(change=OuterRef("pk"), asked_at__gt=timezone.now() - REMEMBERED)
    called_off = Q(status=Status.CANCELLED) & Exists(lately)
    rows = (
        Change.objects.filter(
            ~Q(status__in=OVER) | called_off, Q(service__in=service_ids) | Q(items__overlap=list(service_ids))
        )
        .order_by("pk")
        .values_list("pk", "requested_by_id", "author_id", "implementer_id", "program_owners", "service_id", "items")
    )
    asked = frozenset(service_ids)
    return [
        Stake(account_id, reference("CHG", number), asked & {service, *items})
        for number, requester, author, implementer, owners, service, items in rows
        for account_id in dict.fromkeys([requester, author, implementer, *owners])
        if account_id is not None
    ]
