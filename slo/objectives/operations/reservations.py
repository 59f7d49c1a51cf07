"""Setting budget aside for a change that was let go, and giving it back."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext

from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput
from itsm.prepared import Prepared, run_together
from slo.objectives.models import Budget, Objective, Reservation
from slo.objectives.operations.evaluation import catch_up
from slo.objectives.queries.gating_budgets import IS_BEHIND, MEASURED, behind_parameters


def lock_budgets(objective_ids: Collection[int], *, at: datetime) -> list[Budget]:
    """The budgets, locked in id order until the transaction ends, with `reserved` and `headroom` as they are now.

    The evaluation's own figures may be a minute old; the reservations are summed again under the
    lock, so that what is read here cannot be promised twice. Each carries `in_flight`, a count.
    """
    rows = _locked(_NAMED, {"objectives": list(objective_ids)}, at)
    return [_as_it_is(row) for row in rows]


def lock_gating_budgets(service_id: int, environment: str, *, at: datetime) -> list[Budget]:
    """The same for the gating objectives of a service in an environment, caught up with what is known by now.

    Who finds them behind evaluates them for everybody: so many asks in one minute pay for it once.
    """
    given = {"service": service_id, "environment": environment}
    rows = _locked(_GATING, given, at)
    behind = [row[0] for row in rows if row[-1]]
    if behind and catch_up(behind, at=at):
        rows = _locked(_GATING, given, at)
    return [_as_it_is(row) for row in rows]


# Two statements in one message: the second sees what was committed while the first one waited.
_LOCK = """
SELECT FROM slo_budget b JOIN slo_objective o ON o.id = b.objective_id
WHERE {which} ORDER BY b.objective_id FOR NO KEY UPDATE OF b
"""
_LOCKED = f"""
SELECT b.objective_id, b.remaining, b.reserved, b.headroom, b.state, o.slug, coalesce(held.ratio, 0), held.count,
       b.evaluated_at <= %(at)s AND {IS_BEHIND}
FROM slo_budget b JOIN slo_objective o ON o.id = b.objective_id
{MEASURED}
CROSS JOIN LATERAL (
  SELECT sum(r.ratio) AS ratio, count(*) AS count FROM slo_reservation r
  WHERE r.objective_id = b.objective_id AND r.released_at IS NULL AND r.expires_at > %(at)s
) held
WHERE {{which}} ORDER BY b.objective_id
"""  # noqa: S608 - only our own text
_TYPES = {"at": "timestamptz", "minute": "int", "evaluated_within": "interval"}


def _both(name: str, which: str, **types: str) -> tuple[Prepared, Prepared]:
    """The lock on the budgets that `which` (SQL) names, and what is read of them then."""
    return (
        Prepared(f"{name}_lock", _LOCK.format(which=which), **types),
        Prepared(f"{name}_locked", _LOCKED.format(which=which), **_TYPES, **types),
    )


_NAMED = _both("budgets", "b.objective_id = ANY (%(objectives)s)", objectives="bigint[]")
_GATING = _both(
    "gating_budgets",
    "o.service_id = %(service)s AND o.environment = %(environment)s AND o.gating AND o.retired_at IS NULL",
    service="bigint",
)
_LOCKED_FIELDS = ("objective_id", "remaining", "reserved", "headroom", "state")


def _locked(both: tuple[Prepared, Prepared], given: Mapping[str, Any], at: datetime) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        run_together(cursor, both, {**given, **behind_parameters(at)})
        return list(cursor.fetchall())


def _as_it_is(row: Sequence[Any]) -> Budget:
    budget = Budget.from_db(connection.alias, _LOCKED_FIELDS, row[:5])  # what else is asked of it, is read then
    budget.objective = Objective.from_db(connection.alias, ("id", "slug"), (row[0], row[5]))
    reserved, in_flight = row[6], row[7]
    budget.reserved, budget.in_flight = reserved, in_flight
    budget.headroom = budget.remaining - reserved
    return budget


def reserve(
    budget: Budget,
    *,
    holder: str,
    ratio: Decimal,
    until: datetime,
    actor: Actor,
    at: datetime,
    account_id: int | None = None,
) -> Reservation:
    """Hold this share of a budget that the caller locked. Conflict where this holder holds some of it already.

    `account_id`: who asked for it; it is held for the natural person behind this account.

    Whether it fits is for the caller to say (the policy may let a fix overdraw).
    """
    if ratio <= 0 or until <= at:
        raise InvalidInput(gettext("A reservation holds more than nothing for longer than no time."))
    held = _held(budget.pk, holder, ratio, at, until, account_id)
    if held is None:  # an expired reservation holds nothing; it must not keep its holder from asking again
        _close_expired(budget.pk, holder, at)
        held = _held(budget.pk, holder, ratio, at, until, account_id)
    if held is None:
        raise Conflict(gettext("%(holder)s already holds some of this budget.") % {"holder": holder})
    budget.reserved += ratio
    budget.headroom -= ratio
    return held


_HOLD = """
INSERT INTO slo_reservation (objective_id, holder, ratio, held_at, expires_at, reason, person_id)
VALUES (%s, %s, %s, %s, %s, '', (SELECT person FROM accounts_persons(ARRAY[%s]::bigint[])))
ON CONFLICT DO NOTHING RETURNING id
"""


def _held(
    objective_id: int, holder: str, ratio: Decimal, at: datetime, until: datetime, account_id: int | None
) -> Reservation | None:
    """None where this holder has an open one."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [objective_id, holder, ratio, at, until, account_id])
        inserted = cursor.fetchone()
    if inserted is None:
        return None
    return Reservation(
        pk=inserted[0], objective_id=objective_id, holder=holder, ratio=ratio, held_at=at, expires_at=until
    )


def held_by(holder: str, at: datetime) -> list[int]:
    """The objectives, by number, of whose budgets this holder holds some now."""
    return list(Reservation.objects.in_flight(at).filter(holder=holder).values_list("objective_id", flat=True))


def _close_expired(objective_id: int, holder: str, at: datetime) -> None:
    expired = Reservation.objects.filter(
        objective_id=objective_id, holder=holder, released_at__isnull=True, expires_at__lte=at
    )
    expired.update(released_at=F("expires_at"), reason="expired")


def release(holder: str, *, actor: Actor, reason: str, at: datetime) -> list[Reservation]:
    """Give back everything that this holder still holds. Releasing twice gives back nothing more. Raises nothing."""
    with transaction.atomic():
        held = list(
            Reservation.objects.select_for_update(of=("self",), no_key=True)
            .filter(holder=holder, released_at__isnull=True)
            .order_by("objective_id")
        )
        Reservation.objects.filter(pk__in=[one.pk for one in held]).update(
            released_at=at, reason=f"{reason} ({actor.name})"[:200]
        )
    return held
