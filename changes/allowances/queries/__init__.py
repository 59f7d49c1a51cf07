"""Allowances as they stand: whom they bind, what is drawn on them, and who spent what."""

from collections.abc import Collection
from decimal import Decimal

from django.db import connection
from django.db.models import QuerySet, Sum

from changes.allowances.models import Allowance, AllowanceEntry
from itsm.accounts.permissions import colleagues
from itsm.kernel.actors import Actor

# The same as in the statement of the gate's evidence (`change_context.sql`): of the agents among these accounts their
# own; of teams those in which the natural persons behind the accounts are.
_BINDING = """
SELECT a.id FROM changes_allowance a
WHERE a.service_id = %(service)s AND a.ended_at IS NULL AND (
  a.agent_id = ANY (%(accounts)s)
  OR a.team_id IN (
    SELECT m.team_id FROM accounts_membership m
    WHERE m.user_id IN (SELECT person FROM accounts_persons(%(accounts)s::bigint[]))
  )
)
"""


def binding(service_id: int, accounts: Collection[int]) -> list[Allowance]:
    """The allowances of a service on which a change of these accounts draws, by number. One query where none is."""
    with connection.cursor() as cursor:
        cursor.execute(_BINDING, {"service": service_id, "accounts": list(accounts)})
        numbers = [number for (number,) in cursor.fetchall()]
    if not numbers:
        return []
    return list(Allowance.objects.select_related("agent", "team").filter(pk__in=numbers).order_by("pk"))


def listed(actor: Actor) -> QuerySet[Allowance]:
    """Whoever works here sees every allowance, those that were taken back as well."""
    rows = Allowance.objects.select_related("service", "agent", "team", "given_by", "ended_by")
    return rows.order_by() if colleagues(actor) else rows.none()


def entries_of(allowance: Allowance) -> QuerySet[AllowanceEntry]:
    """Its ledger, the newest first."""
    return AllowanceEntry.objects.filter(allowance=allowance).select_related("by").order_by("-id")


def shared_out(service_ids: Collection[int]) -> dict[int, Decimal]:
    """Of each service, how much of its headroom is shared out, of 1. One query."""
    standing = Allowance.objects.standing().filter(service__in=service_ids).order_by()
    return dict(standing.values_list("service").annotate(Sum("share")).values_list("service", "share__sum"))
