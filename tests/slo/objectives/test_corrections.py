"""Corrections: four eyes, masks that leave what was measured alone, expiry, and what they change."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from itsm.accounts.models import Team, User
from itsm.audit.models import Entry
from itsm.clocks import due
from itsm.clocks.models import Due
from itsm.kernel.actors import Actor, Kind, Role
from itsm.kernel.errors import InvalidInput, NotPermitted, StaleVersion, WrongState
from itsm.notifications.models import Notification
from slo.models import Correction, HourCounts, Objective
from slo.objectives import operations
from slo.objectives.workflow import CorrectionStatus
from tests.factories.slo import MINUTE, T0, a_service, an_objective, evaluated, measured, steady
from tests.together import each_of

pytestmark = pytest.mark.django_db

BAD = T0 - timedelta(days=2)


def person(name: str, role: Role, *teams: int) -> Actor:
    user = User.objects.create(username=name.lower(), name=name, roles=[role.value])
    return Actor(user.pk, name, Kind.HUMAN, frozenset({role}), frozenset(teams))


@pytest.fixture
def erin() -> Actor:
    return person("Erin", Role.ENGINEER)


@pytest.fixture
def mona() -> Actor:
    return person("Mona", Role.MANAGER)


@pytest.fixture
def objective() -> Objective:
    """A week at 1,000 a minute, 99.9 %: 10,080 may fail; one hour two days ago failed 100 a minute."""
    made = an_objective(window_days=7)
    assert made.indicator is not None
    measured(made.indicator, steady(T0, 7 * 1440), T0)
    measured(made.indicator, steady(BAD, 60, bad=100), T0)
    evaluated(made, T0)
    return made


def proposed(objective: Objective, actor: Actor, at: datetime = T0, **said: object) -> Correction:
    words = {
        "category": "scheduled_maintenance", "starts_at": BAD - 30 * MINUTE, "ends_at": BAD, "reason": "New disks.",
    } | said  # fmt: skip
    return operations.propose_correction(objective, actor=actor, at=at, **words)  # type: ignore[arg-type]


def test_a_proposal_changes_nothing_and_an_approval_gives_back_what_it_masks(objective, erin, mona) -> None:
    before = evaluated(objective, T0).remaining
    hours = list(HourCounts.objects.order_by("pk").values())
    correction = proposed(objective, erin)
    assert evaluated(objective, T0).remaining == before == Decimal("0.404761904")
    operations.approve_correction(correction, actor=mona, at=T0)
    # 3,000 of 6,000 failures, and 30 of 10,080 minutes, count no more.
    after = evaluated(objective, T0)
    assert after.remaining == 1 - Decimal("0.298507463")
    assert (after.bad_in_window, after.total_in_window) == (3_000_000, 10_050_000_000)
    assert after.coverage == 1
    correction.refresh_from_db()
    assert (correction.remaining_before, correction.remaining_after) == (before, after.remaining)
    assert (correction.status, correction.decided_by) == (CorrectionStatus.APPROVED, "Mona")
    assert list(HourCounts.objects.order_by("pk").values()) == hours  # what was measured stays
    assert list(Entry.objects.filter(record_kind="correction").order_by("id").values_list("event", flat=True)) == [
        "correction.created", "correction.approved",
    ]  # fmt: skip


def test_nobody_decides_their_own(objective, mona) -> None:
    correction = proposed(objective, mona)
    with pytest.raises(NotPermitted):
        operations.approve_correction(correction, actor=mona, at=T0)
    assert Correction.objects.get().status == CorrectionStatus.PROPOSED


def test_owners_of_the_team_decide_but_not_out_of_an_exhausted_budget(erin, mona) -> None:
    team = Team.objects.create(slug="shop", name="Shop")
    objective = an_objective(window_days=7, service=a_service(team=team))
    measured(objective.indicator, steady(T0, 7 * 1440), T0)
    olga = person("Olga", Role.OWNER, team.pk)
    operations.approve_correction(proposed(objective, erin), actor=olga, at=T0)
    measured(objective.indicator, steady(BAD, 60, bad=500), T0)
    evaluated(objective, T0)
    second = proposed(objective, erin, starts_at=BAD - 60 * MINUTE)
    with pytest.raises(NotPermitted, match="exhausted"):
        operations.approve_correction(second, actor=olga, at=T0)
    operations.approve_correction(second, actor=mona, at=T0)
    with pytest.raises(NotPermitted):
        operations.decline_correction(proposed(objective, erin), actor=person("Other", Role.OWNER), at=T0)


def test_no_owner_corrects_a_burn_away_while_it_goes_on(erin, mona) -> None:
    team = Team.objects.create(slug="shop", name="Shop")
    objective = an_objective(window_days=7, service=a_service(team=team))
    measured(objective.indicator, steady(T0, 7 * 1440), T0)
    measured(objective.indicator, steady(T0, 60, bad=50), T0)
    assert evaluated(objective, T0).state == "burning_fast"
    correction = proposed(objective, erin, starts_at=T0 - 60 * MINUTE, ends_at=T0)
    with pytest.raises(NotPermitted, match="burns fast"):
        operations.approve_correction(correction, actor=person("Olga", Role.OWNER, team.pk), at=T0)
    operations.approve_correction(correction, actor=mona, at=T0)


def test_the_preview_says_what_the_approval_does(objective, erin, mona) -> None:
    effect = operations.effect_of(objective, BAD - 30 * MINUTE, BAD, at=T0)
    operations.approve_correction(proposed(objective, erin), actor=mona, at=T0)
    assert evaluated(objective, T0).remaining == effect.after.remaining != effect.before.remaining
    assert (
        operations.effect_of(objective, BAD - 10 * MINUTE, BAD, at=T0).after
        == operations.effect_of(objective, BAD - 30 * MINUTE, BAD, at=T0).before
    )  # the second adds nothing to the first


def test_an_undecided_proposal_is_off_after_a_fortnight(objective, erin) -> None:
    correction = proposed(objective, erin)
    assert due.sweep(T0 + timedelta(days=14) - MINUTE) == 0
    assert due.sweep(T0 + timedelta(days=14)) == 1
    correction.refresh_from_db()
    assert correction.status == CorrectionStatus.EXPIRED


def test_a_mask_ends_when_it_expires(objective, erin, mona) -> None:
    before = evaluated(objective, T0).remaining
    correction = proposed(objective, erin, expires_at=T0 + timedelta(hours=1))
    operations.approve_correction(correction, actor=mona, at=T0)
    assert evaluated(objective, T0).remaining > before
    assert due.sweep(T0 + timedelta(hours=1)) == 1
    assert evaluated(objective, T0).remaining == before


@pytest.mark.parametrize("ends", ["decline", "withdraw"])
def test_what_was_decided_is_owed_nothing_more(objective, erin, mona, ends) -> None:
    """The due row that ends an undecided proposal goes with the decision: nothing happens to it afterwards."""
    correction = proposed(objective, erin)
    assert Due.objects.filter(record_kind="correction", done_at=None).count() == 1
    if ends == "decline":
        operations.decline_correction(correction, actor=mona, at=T0, reason="It was the release.")
    else:
        operations.withdraw_correction(correction, actor=erin, at=T0)
    assert not Due.objects.filter(record_kind="correction", done_at=None).exists()
    entries = Entry.objects.filter(record_kind="correction").count()
    assert due.sweep(correction.expires_at + timedelta(days=1)) == 0
    assert Entry.objects.filter(record_kind="correction").count() == entries


def test_withdrawing_counts_the_period_again(objective, erin, mona) -> None:
    before = evaluated(objective, T0).remaining
    correction = operations.approve_correction(proposed(objective, erin), actor=mona, at=T0)
    operations.withdraw_correction(correction, actor=erin, at=T0, reason="It was the release after all.")
    assert evaluated(objective, T0).remaining == before
    with pytest.raises(WrongState):
        operations.approve_correction(correction, actor=mona, at=T0)


def test_an_old_version_is_refused(objective, erin, mona) -> None:
    with pytest.raises(StaleVersion):
        operations.approve_correction(proposed(objective, erin), actor=mona, at=T0, version=7)


@each_of(
    "said",
    [
        {"ends_at": BAD - 30 * MINUTE},
        {"starts_at": T0 - timedelta(days=400)},
        {"ends_at": T0 + timedelta(days=400)},
        {"reason": "  "},
        {"expires_at": T0},
    ],
)
def test_periods_that_cannot_be(objective, erin, said) -> None:
    with pytest.raises(InvalidInput):
        proposed(objective, erin, **said)
    assert not Correction.objects.exists()


def test_those_who_may_decide_are_told(objective, erin, mona) -> None:
    proposed(objective, erin)
    assert [one.to.username for one in Notification.objects.select_related("to")] == ["mona"]


def test_a_requester_proposes_nothing(objective) -> None:
    with pytest.raises(NotPermitted):
        proposed(objective, person("Rita", Role.REQUESTER))


def test_a_slice_that_is_masked_in_part_is_masked_whole(erin, mona) -> None:
    objective = an_objective(
        window_days=7, method="timeslices", time_slice_target=Decimal("0.95"), time_slice_minutes=5
    )
    measured(objective.indicator, steady(T0, 7 * 1440), T0)
    measured(objective.indicator, steady(BAD, 10, bad=500), T0)
    assert evaluated(objective, T0).bad_in_window == 2000
    operations.approve_correction(
        proposed(objective, erin, starts_at=BAD - 4 * MINUTE, ends_at=BAD - 3 * MINUTE), actor=mona, at=T0
    )
    budget = evaluated(objective, T0)
    assert (budget.bad_in_window, budget.total_in_window) == (1000, 2015 * 1000)


def test_the_same_origin_proposes_once(objective, erin) -> None:
    one = proposed(objective, erin, origin="calendar-window-1")
    assert proposed(objective, erin, origin="calendar-window-1") == one
    assert Correction.objects.count() == 1
