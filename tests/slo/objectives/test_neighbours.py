"""What is done to one objective is done to no other; and what has ended has ended once, whoever comes again."""

from datetime import timedelta

import pytest

from itsm.audit.models import Entry
from itsm.kernel.errors import Conflict, NotPermitted
from slo.models import Budget, BurnAlert, Objective, Outage, OutageCause, SelfMeasuring
from slo.objectives import operations
from slo.objectives.operations import corrections
from slo.objectives.operations.counted_periods import write_counted_periods
from slo.objectives.workflow import CorrectionStatus
from tests.factories.slo import MEASURER, MINUTE, T0, an_objective, evaluated, measured, measured_by, steady

pytestmark = pytest.mark.django_db

WEEK, BAD, DAY = 7 * 1440, T0 - timedelta(hours=2), timedelta(days=1)


@pytest.fixture
def two() -> list[Objective]:
    """Both failed in the same ten minutes."""
    made = [an_objective(window_days=7) for _ in range(2)]
    for one in made:
        measured(one.indicator, steady(T0, WEEK), T0)
        measured(one.indicator, steady(BAD, 10, bad=900), T0)
        evaluated(one, T0)
    return made


def found_again(one: Objective) -> None:
    evaluated(one, T0)
    operations.recompute_outages(actor=MEASURER, at=T0, objectives=[one.pk])


class TestOutages:
    def test_of_another_objective_stay_when_they_are_found_again(self, two: list[Objective]) -> None:
        """Though both began at the same instant; what people said of a cause stays with them."""
        for one in two:
            found_again(one)
        before = list(Outage.objects.order_by("pk").values_list("pk", "objective_id", "cost"))
        assert [objective for _pk, objective, _cost in before] == [one.pk for one in two]
        found_again(two[0])
        assert list(Outage.objects.order_by("pk").values_list("pk", "objective_id", "cost")) == before

    def test_of_another_objective_stay_when_one_burns_no_more(self, two: list[Objective]) -> None:
        for one in two:
            found_again(one)
        measured(two[0].indicator, steady(BAD, 10), T0)
        found_again(two[0])
        assert [one.objective_id for one in Outage.objects.all()] == [two[1].pk]

    def test_only_the_one_whose_periods_changed_is_looked_at_again_from_the_start(self, two: list[Objective]) -> None:
        for one in two:
            found_again(one)
        write_counted_periods(two[0])
        assert [one.pk for one in Budget.objects.filter(outages_until=None)] == [two[0].pk]

    def test_that_people_spoke_about_stays_at_no_cost_and_another_one_at_its_own(self, two: list[Objective]) -> None:
        for one in two:
            found_again(one)
        first, other = Outage.objects.order_by("objective")
        OutageCause.objects.create(
            outage=first, reference="CHG-00001", title="Deploy", began_at=BAD, score=100, why="", decided_by="Erin", decided_at=T0,
            verdict=OutageCause.Verdict.CONFIRMED,
        )  # fmt: skip
        measured(two[0].indicator, steady(BAD, 10), T0)
        found_again(two[0])
        costs = dict(Outage.objects.values_list("pk", "cost"))
        assert costs == {first.pk: 0, other.pk: other.cost}
        assert other.cost > 0


class TestAuthority:
    """An exhausted budget stops its own objective's owner, no other one's."""

    @pytest.mark.parametrize("exhausted", [0, 1])
    def test_over_an_exhausted_budget_is_asked_of_that_budget(self, two, exhausted, engineer, as_actor) -> None:
        Budget.objects.update(level="healthy", flags=[])
        Budget.objects.filter(pk=two[exhausted].pk).update(level="exhausted")
        correct = {
            "actor": as_actor(engineer), "at": T0, "category": "scheduled_maintenance", "starts_at": BAD - 10 * MINUTE,
            "ends_at": BAD, "reason": "Disks.",
        }  # fmt: skip
        for place, one in enumerate(two):
            operations.propose_correction(one, **correct)
            if place == exhausted:
                with pytest.raises(NotPermitted, match="is exhausted"):
                    operations.retire_objective(one, actor=as_actor(engineer), version=one.version, at=T0)
            else:
                waits = operations.retire_objective(one, actor=as_actor(engineer), version=one.version, at=T0)
                assert (waits.retired_at, waits.awaits is not None) == (None, True)


class TestEndedOnce:
    def test_a_retired_objective_is_retired_at_its_first_instant_and_burns_no_more(
        self, two, manager, as_actor
    ) -> None:
        one, other = two
        alerts = BurnAlert.objects.filter(severity="ticket")
        assert set(alerts.values_list("objective_id", "ended_at")) == {(one.pk, None), (other.pk, None)}
        operations.retire_objective(one, actor=MEASURER, version=one.version, at=T0)
        one.refresh_from_db()
        operations.retire_objective(one, actor=MEASURER, version=one.version, at=T0 + DAY)
        one.refresh_from_db()
        assert one.retired_at == T0
        assert Entry.objects.filter(event="objective.retired").count() == 1
        ended = dict(alerts.values_list("objective_id", "ended_at"))
        assert ended == {one.pk: T0, other.pk: None}

    def test_a_correction_that_was_decided_while_it_waited_to_expire_stays_as_it_was(self, two, owner) -> None:
        made = operations.propose_correction(
            two[0], actor=MEASURER, at=T0, category="scheduled_maintenance", starts_at=BAD - 10 * MINUTE, ends_at=BAD,
            reason="Disks.",
        )  # fmt: skip
        operations.decline_correction(made, actor=MEASURER, at=T0)
        corrections.expire(made.pk, T0 + corrections.DECIDE_WITHIN)
        made.refresh_from_db()
        assert made.status == CorrectionStatus.DECLINED


class TestAllowances:
    """One at a time, until its day; each is ended by itself."""

    def test_a_lapsed_one_is_ended_when_the_next_begins(self, two, manager, as_actor) -> None:
        words = {"actor": as_actor(manager), "reason": "A small team"}
        first = operations.allow_self_measuring(two[0], until=T0.date(), at=T0, **words)
        operations.allow_self_measuring(two[1], until=T0.date(), at=T0, **words)
        with pytest.raises(Conflict, match="already has"):
            operations.allow_self_measuring(two[0], until=T0.date(), at=T0, **words)
        operations.allow_self_measuring(two[0], until=(T0 + DAY).date(), at=T0 + DAY, **words)
        first.refresh_from_db()
        assert first.ended_at == T0 + DAY
        assert SelfMeasuring.objects.filter(ended_at=None).count() == 2

    def test_the_one_that_stands_is_ended_and_none_twice(self, two, manager, as_actor) -> None:
        actor = as_actor(manager)
        for at in (T0, T0 + DAY):
            made = operations.allow_self_measuring(two[0], actor=actor, reason="Small", until=at.date(), at=at)
            assert operations.end_self_measuring(two[0], actor=actor, at=at).pk == made.pk
        with pytest.raises(Conflict, match="no such allowance"):
            operations.end_self_measuring(two[0], actor=actor, at=T0 + DAY)
        assert list(SelfMeasuring.objects.order_by("pk").values_list("ended_at", flat=True)) == [T0, T0 + DAY]

    @pytest.mark.parametrize("role", ["engineer", "manager"])
    def test_is_given_neither_by_who_may_not_nor_by_who_measures(self, two, person, as_actor, role) -> None:
        somebody = person(role)
        if role == "manager":
            measured_by(two[0].indicator, somebody)
        with pytest.raises(NotPermitted, match=r"may not allow this|another person allows"):
            operations.allow_self_measuring(two[0], actor=as_actor(somebody), reason="Mine", until=T0.date(), at=T0)
        assert not SelfMeasuring.objects.exists()
