"""Budget that is held for changes: counted once, given back, never promised twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction

from itsm.accounts.models import User
from itsm.kernel.errors import Conflict, InvalidInput
from slo.models import Objective, Reservation
from slo.objectives import operations
from slo.objectives.queries import gating_budgets
from tests.factories.slo import MEASURER, T0, an_objective, evaluated, measured, steady

HALF_HOUR = timedelta(minutes=30)


def reserve(
    objective: Objective, holder: str, ratio: str = "0.02", *, length: timedelta = HALF_HOUR, at: datetime = T0,
    account_id: int | None = None,
) -> Reservation:  # fmt: skip
    with transaction.atomic():
        (budget,) = operations.lock_budgets([objective.pk], at=at)
        return operations.reserve(
            budget,
            holder=holder,
            ratio=Decimal(ratio),
            until=at + length,
            actor=MEASURER,
            at=at,
            account_id=account_id,
        )


@pytest.fixture
def objective(db: None) -> Objective:
    objective = an_objective()
    measured(objective.indicator, steady(T0, 1000), T0)
    evaluated(objective, T0)
    return objective


def test_what_is_held_lowers_the_headroom_until_it_is_released_or_expires(objective: Objective) -> None:
    reserve(objective, "CHG-00001", "0.2")
    reserve(objective, "CHG-00002", "0.4")
    (reading,) = gating_budgets([objective.service_id], "production", T0)
    assert (reading.headroom, reading.reserved, reading.reservations_in_flight) == (Decimal("0.4"), Decimal("0.6"), 2)
    assert reading.level == "watch"  # at once, before the next evaluation
    assert evaluated(objective, T0).headroom == Decimal("0.4")
    assert len(operations.release("CHG-00001", actor=MEASURER, reason="verified", at=T0)) == 1
    assert operations.release("CHG-00001", actor=MEASURER, reason="again", at=T0) == []
    assert gating_budgets([objective.service_id], "production", T0)[0].headroom == Decimal("0.6")
    assert gating_budgets([objective.service_id], "production", T0 + HALF_HOUR)[0].headroom == 1


def test_a_holder_holds_once_and_may_hold_again_after_it_expired(objective: Objective) -> None:
    reserve(objective, "CHG-00001")
    with pytest.raises(Conflict):
        reserve(objective, "CHG-00001")
    later = T0 + timedelta(hours=1)
    with transaction.atomic():
        (budget,) = operations.lock_budgets([objective.pk], at=later)
        operations.reserve(
            budget, holder="CHG-00001", ratio=Decimal("0.1"), until=later + HALF_HOUR, actor=MEASURER, at=later
        )
    assert [held.reason for held in Reservation.objects.order_by("pk")] == ["expired", ""]


@pytest.mark.parametrize(("ratio", "length"), [("0", HALF_HOUR), ("-0.1", HALF_HOUR), ("0.02", timedelta(0))])
def test_a_reservation_holds_something_for_some_time(objective: Objective, ratio: str, length: timedelta) -> None:
    with pytest.raises(InvalidInput):
        reserve(objective, "CHG-00001", ratio, length=length)
    assert not Reservation.objects.exists()


def test_at_the_instant_of_its_end_it_holds_nothing_and_its_holder_may_hold_anew(objective: Objective) -> None:
    reserve(objective, "CHG-00001", "0.2")
    ends = T0 + HALF_HOUR
    for at, free in ((ends - timedelta(microseconds=1), "0.8"), (ends, "1")):
        with transaction.atomic():
            (budget,) = operations.lock_budgets([objective.pk], at=at)
            assert budget.headroom == Decimal(free)
    reserve(objective, "CHG-00001", "0.3", at=ends)
    assert [(one.ratio, one.released_at) for one in Reservation.objects.order_by("pk")] == [
        (Decimal("0.2"), ends), (Decimal("0.3"), None),
    ]  # fmt: skip


def test_what_a_program_holds_is_held_for_the_person_who_owns_it(
    objective: Objective, person: Callable[..., User]
) -> None:
    owner = person("engineer")
    program = person("engineer", username="pipeline", account_type="service", owner=owner)
    reserve(objective, "CHG-00001", account_id=program.pk)
    reserve(objective, "CHG-00002", account_id=owner.pk)
    reserve(objective, "CHG-00003")
    assert list(Reservation.objects.order_by("pk").values_list("person_id", flat=True)) == [owner.pk, owner.pk, None]


def test_releasing_leaves_what_others_hold(objective: Objective) -> None:
    reserve(objective, "CHG-00001", "0.2")
    reserve(objective, "CHG-00002", "0.4")
    operations.release("CHG-00001", actor=MEASURER, reason="verified", at=T0)
    assert list(Reservation.objects.filter(released_at=None).values_list("holder", flat=True)) == ["CHG-00002"]


@pytest.mark.django_db(transaction=True)
def test_many_at_once_never_hold_more_than_there_is() -> None:
    """Thirty-two askers of 2 % with 40 % left: twenty get it. Without the lock more would."""
    objective = an_objective(window_days=7)
    measured(objective.indicator, steady(T0, 1000), T0)
    evaluated(objective, T0)
    objective.budget.__class__.objects.update(remaining=Decimal("0.40"))

    def ask(number: int) -> bool:
        try:
            with transaction.atomic():
                (budget,) = operations.lock_budgets([objective.pk], at=T0)
                if budget.headroom < Decimal("0.02"):
                    return False
                operations.reserve(
                    budget,
                    holder=f"CHG-{number:05d}",
                    ratio=Decimal("0.02"),
                    until=T0 + HALF_HOUR,
                    actor=MEASURER,
                    at=T0,
                )
                return True
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as askers:
        granted = sum(askers.map(ask, range(32)))
    assert granted == 20


def test_evaluating_while_a_gate_holds_the_lock_sees_its_reservation_next_time(objective: Objective) -> None:
    reserve(objective, "CHG-00001", "0.3")
    with transaction.atomic():
        (budget,) = operations.lock_budgets([objective.pk], at=T0)
    assert (budget.headroom, budget.in_flight) == (Decimal("0.7"), 1)
