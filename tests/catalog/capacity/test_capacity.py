"""Measures of items: points that are set, forecasts made anew, warnings ahead of a limit that are taken back."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import nan
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from catalog.capacity import operations
from catalog.capacity.operations import Sent
from catalog.capacity.queries import Judged, folded, judged_forecasts, listed, open_warning, runs_out_first
from catalog.capacity.tasks import FORECASTER
from catalog.capacity.vocabulary import MOST
from catalog.models import CI, Exhaustion, Forecast, Measure, Point
from itsm.accounts.models import Membership, Team, User
from itsm.kernel.actors import Actor, Kind, Role
from itsm.kernel.errors import InvalidInput, NotPermitted, WrongState
from itsm.notifications.models import Notification
from itsm.work.models import Task
from itsm.work.tasks import MAX_TASKS
from tests.factories.catalog import KEEPER, an_item

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def a_measure(ci: CI | None = None, **said: Any) -> Measure:
    wanted = {"name": "Disk used", "limit": 100.0, "unit": "GB"} | said
    return operations.add_measure(actor=KEEPER, ci=ci or an_item(), **wanted)


def send(measure: Measure, values: list[float], *, until: datetime = NOON - DAY, actor: Actor = KEEPER) -> None:
    """A value a day, the last one at `until`."""
    points = [Sent(until - DAY * (len(values) - 1 - place), value) for place, value in enumerate(values)]
    operations.take_points(measure, points, actor=actor, at=NOON)


def test_the_same_points_again_change_nothing_and_another_value_replaces() -> None:
    measure = a_measure()
    points = [Sent(NOON - DAY * day, float(day)) for day in range(10)]
    first = operations.take_points(measure, points, actor=KEEPER, at=NOON)
    again = operations.take_points(measure, points[::-1], actor=KEEPER, at=NOON)
    other = operations.take_points(measure, [Sent(NOON, 5.0), Sent(NOON, 7.0)], actor=KEEPER, at=NOON)
    assert (first.created, first.replaced, first.unchanged) == (10, 0, 0)
    assert (again.created, again.replaced, again.unchanged) == (0, 0, 10)
    assert (other.created, other.replaced, other.unchanged) == (0, 1, 0)
    assert Point.objects.get(measure=measure, at=NOON).value == 7.0


def test_who_said_a_value_first_stays_its_sender(engineer: User, manager: User) -> None:
    measure = a_measure()
    one, two = replace(KEEPER, id=engineer.pk), replace(KEEPER, id=manager.pk)
    operations.take_points(measure, [Sent(NOON, 5.0)], actor=one, at=NOON)
    operations.take_points(measure, [Sent(NOON, 5.0)], actor=two, at=NOON)
    assert Point.objects.get(measure=measure).by_id == engineer.pk


@pytest.mark.parametrize(
    ("at", "value", "field"),
    [
        (NOON + 2 * timedelta(minutes=1), 1.0, "points.1.at"),
        (NOON - 401 * DAY, 1.0, "points.1.at"),
        (NOON, nan, "points.1.value"),
        (NOON, float("inf"), "points.1.value"),
    ],
)
def test_what_cannot_be_believed_is_refused_whole(at: datetime, value: float, field: str) -> None:
    measure = a_measure()
    with pytest.raises(InvalidInput) as caught:
        operations.take_points(measure, [Sent(NOON - DAY, 1.0), Sent(at, value)], actor=KEEPER, at=NOON)
    assert list(caught.value.errors) == [field]
    assert not Point.objects.exists()


def test_too_many_points_or_none_are_refused() -> None:
    measure = a_measure()
    for count in (0, 5_001):
        points = [Sent(NOON - timedelta(minutes=one), 1.0) for one in range(count)]
        with pytest.raises(InvalidInput):
            operations.take_points(measure, points, actor=KEEPER, at=NOON)


def test_the_database_takes_no_value_that_is_none() -> None:
    measure = a_measure()
    for value in (nan, float("inf")):
        with pytest.raises(IntegrityError), transaction.atomic():
            Point.objects.create(measure=measure, at=NOON, value=value)


def test_points_of_a_step_fold_and_a_step_that_is_not_over_is_left_out() -> None:
    points = [Sent(NOON - 3 * DAY + timedelta(hours=hour), float(hour)) for hour in range(5)]
    points += [Sent(NOON - DAY, 9.0), Sent(NOON, 1_000.0)]
    seen = {}
    for fold in ("max", "mean", "p95"):
        measure = a_measure(fold=fold)
        operations.take_points(measure, points, actor=KEEPER, at=NOON)
        seen[fold] = [one.value for one in folded(measure, NOON)]
    assert seen == {"max": [4.0, None, 9.0], "mean": [2.0, None, 9.0], "p95": [pytest.approx(3.8), None, 9.0]}


def test_a_line_that_meets_its_limit_has_three_dates() -> None:
    measure = a_measure(limit=100.0)
    send(measure, [40 + 0.5 * day for day in range(80)])  # 79.5 yesterday: 100 in 41 days from then
    made = operations.forecast_measure(measure, actor=FORECASTER, at=NOON)
    midnight = NOON.replace(hour=0)
    assert made.likely == midnight - DAY + 41 * DAY
    assert made.soonest is not None
    assert made.latest is not None
    assert made.soonest <= made.likely <= made.latest
    assert made.points == 80
    assert not made.too_little


def test_a_forecast_says_until_when_it_knows_and_sees() -> None:
    measure, midnight = a_measure(), NOON.replace(hour=0)
    send(measure, [40.0] * 80, until=NOON - 3 * DAY)
    made = operations.forecast_measure(measure, actor=FORECASTER, at=NOON)
    assert made.measured_until == midnight - 2 * DAY
    assert made.sees_until == midnight - 2 * DAY + 365 * DAY
    silent = operations.forecast_measure(a_measure(), actor=FORECASTER, at=NOON)
    assert (silent.measured_until, silent.sees_until) == (None, None)


def test_little_data_says_so_and_warns_nobody() -> None:
    measure = a_measure()
    send(measure, [99.0 + day for day in range(29)])
    made = operations.forecast_measure(measure, actor=FORECASTER, at=NOON)
    assert (made.too_little, made.soonest, made.bands) == (True, None, [])
    assert not Exhaustion.objects.exists()


def test_a_limit_within_its_lead_makes_one_task_and_tells_the_team(engineer: User) -> None:
    team = Team.objects.create(slug="disks", name="Disks")
    Membership.objects.create(team=team, user=engineer)
    item = an_item(team=team)
    measure = a_measure(item, limit=100.0, lead_days=30)
    send(measure, [70 + 0.3 * day for day in range(80)])
    for hour in range(3):  # the night's work may run twice
        operations.forecast_all(actor=FORECASTER, at=NOON + timedelta(hours=hour))
    warned = open_warning(measure)
    assert warned is not None
    assert warned.task is not None
    assert list(Task.objects.filter(record_kind="ci", record_id=item.pk)) == [warned.task]
    assert Notification.objects.filter(to=engineer, record_kind="measure").count() == 1
    assert listed(KEEPER).get().soonest == warned.soonest
    assert runs_out_first(KEEPER, [item.pk]).get().soonest == warned.soonest


def test_a_warning_ends_after_seven_calm_days_and_takes_its_task_back() -> None:
    measure = a_measure(limit=100.0, lead_days=30)
    send(measure, [70 + 0.3 * day for day in range(80)])
    operations.forecast_measure(measure, actor=FORECASTER, at=NOON)
    Measure.objects.filter(pk=measure.pk).update(limit=10_000.0)
    for day, open_ in ((1, True), (7, True), (8, False)):
        operations.forecast_measure(measure, actor=FORECASTER, at=NOON + day * DAY)
        assert (open_warning(measure) is not None) is open_, day
    assert not Task.objects.exists()


def test_calm_days_begin_anew_when_the_limit_is_near_again() -> None:
    measure = a_measure(limit=100.0, lead_days=30)
    send(measure, [70 + 0.3 * day for day in range(80)])
    operations.forecast_measure(measure, actor=FORECASTER, at=NOON)
    for day, limit in ((1, 10_000.0), (5, 100.0), (6, 10_000.0), (9, 10_000.0)):
        Measure.objects.filter(pk=measure.pk).update(limit=limit)
        operations.forecast_measure(measure, actor=FORECASTER, at=NOON + day * DAY)
    assert open_warning(measure) is not None
    assert Exhaustion.objects.count() == 1


def test_free_space_runs_out_downwards() -> None:
    measure = a_measure(limit=10.0, side="above")
    send(measure, [50 - 0.5 * day for day in range(60)])  # 20.5 yesterday
    made = operations.forecast_measure(measure, actor=FORECASTER, at=NOON)
    assert made.likely == NOON.replace(hour=0) - DAY + 21 * DAY


def test_only_the_newest_forecast_keeps_its_bands() -> None:
    measure = a_measure()
    send(measure, [40 + 0.5 * day for day in range(80)])
    for day in range(3):
        operations.forecast_measure(measure, actor=FORECASTER, at=NOON + day * DAY)
    newest, *older = Forecast.objects.filter(measure=measure)
    assert len(newest.bands) == 365
    assert [one.bands for one in older] == [[], []]


def test_a_retired_measure_takes_no_points_and_is_not_forecast() -> None:
    measure = operations.retire_measure(a_measure(), actor=KEEPER, version=1, at=NOON)
    with pytest.raises(WrongState):
        operations.take_points(measure, [Sent(NOON, 1.0)], actor=KEEPER, at=NOON)
    assert operations.forecast_all(actor=FORECASTER, at=NOON) == 0
    measure = operations.revive_measure(measure, actor=KEEPER, version=measure.version)
    assert operations.forecast_all(actor=FORECASTER, at=NOON) == 1


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"limit": nan}, "limit"),
        ({"lead_days": 0}, "lead_days"),
        ({"step": "day", "season": 24}, "season"),
        ({"step": "hour", "season": 7}, "season"),
        ({"side": "beside"}, "side"),
        ({"name": " "}, "name"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_field(said: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        a_measure(**said)
    assert field in caught.value.errors


def test_a_program_sends_points_of_its_teams_items_and_says_no_limit() -> None:
    item = an_item()
    assert item.team_id is not None
    robot = Actor(7, "robot", Kind.SERVICE, frozenset({Role.ENGINEER}), frozenset({item.team_id}))
    measure = a_measure(item)
    operations.take_points(measure, [Sent(NOON, 1.0)], actor=robot, at=NOON)
    with pytest.raises(NotPermitted):
        operations.edit_measure(measure, actor=robot, version=measure.version, limit=1e9)
    stranger = replace(robot, teams=frozenset())
    with pytest.raises(NotPermitted):
        operations.take_points(measure, [Sent(NOON, 0.0)], actor=stranger, at=NOON)


def test_old_points_are_forgotten() -> None:
    measure = a_measure()
    send(measure, [1.0, 2.0, 3.0])
    assert operations.forget_old_points(at=NOON + 399 * DAY) == 2
    assert Point.objects.count() == 1


def judged(
    *measures: Measure, interested: Collection[int] = (), team: Team | None = None, most: int = 9
) -> list[Judged]:
    return judged_forecasts(
        [one.ci_id for one in measures], interested=interested, team_id=team and team.pk, at=NOON, most=most
    )


def test_whose_word_a_forecast_is_is_told_of_persons_their_programs_and_those_they_once_had(
    engineer: User, manager: User
) -> None:
    program = User.objects.create(username="exporter", account_type="service", owner=engineer)
    handed_over = User.objects.create(
        username="older", account_type="service", owner=manager, former_owners=[engineer.pk]
    )
    for sender, theirs in ((engineer, True), (program, True), (handed_over, True), (manager, False)):
        measure = a_measure()
        send(measure, [40.0] * 40)
        operations.take_points(measure, [Sent(NOON - 2 * DAY, 39.0)], actor=replace(KEEPER, id=sender.pk), at=NOON)
        operations.forecast_measure(measure, actor=FORECASTER, at=NOON)
        assert [one.by_interested for one in judged(measure, interested=[engineer.pk])] == [theirs], sender
        assert [one.by_interested for one in judged(measure)] == [False]


def test_everybody_whose_word_on_how_a_measure_is_judged_stands_counts(engineer: User, manager: User) -> None:
    one, other = replace(KEEPER, id=engineer.pk), replace(KEEPER, id=manager.pk)
    measure = operations.add_measure(actor=one, ci=an_item(), name="Disk used", limit=100.0)

    def theirs() -> list[bool]:
        return [each.by_interested for each in judged(measure, interested=[engineer.pk])]

    assert theirs() == [True]
    measure = operations.edit_measure(measure, actor=other, version=measure.version, limit=90.0)
    assert theirs() == [True], "the rest of how it is judged is still their word"
    rest = {"side": "above", "step": "hour", "season": 24, "fold": "mean"}
    measure = operations.edit_measure(measure, actor=other, version=measure.version, **rest)
    assert theirs() == [False]
    measure = operations.edit_measure(measure, actor=one, version=measure.version, name="Disk", lead_days=9)
    assert theirs() == [False]
    measure = operations.edit_measure(measure, actor=one, version=measure.version, fold="max")
    measure = operations.edit_measure(measure, actor=other, version=measure.version, limit=80.0)
    assert theirs() == [True], "of two who said something lately, one is interested"
    operations.retire_measure(measure, actor=other, version=measure.version, at=NOON)
    measure.refresh_from_db()
    operations.revive_measure(measure, actor=other, version=measure.version)
    assert theirs() == [True], "who brings it back does not take their word away"


def test_programs_of_the_owner_team_are_told_apart_and_its_people_are_not(engineer: User) -> None:
    team = Team.objects.create(slug="disks", name="Disks")
    program = User.objects.create(username="exporter", account_type="service", owner=engineer)
    Membership.objects.bulk_create(Membership(team=team, user=one) for one in (engineer, program))
    for sender, theirs in ((engineer, False), (program, True)):
        measure = a_measure()
        operations.take_points(measure, [Sent(NOON - DAY, 39.0)], actor=replace(KEEPER, id=sender.pk), at=NOON)
        operations.forecast_measure(measure, actor=FORECASTER, at=NOON)
        assert [one.by_team for one in judged(measure, team=team)] == [theirs], sender
        assert [one.by_team for one in judged(measure)] == [False]


def test_what_an_interested_person_stopped_watching_is_missed_for_ninety_days(engineer: User) -> None:
    measure = a_measure()
    operations.retire_measure(measure, actor=replace(KEEPER, id=engineer.pk), version=1, at=NOON - 89 * DAY)
    assert [one.retired for one in judged(measure, interested=[engineer.pk])] == [True]
    assert judged(measure) == []
    Measure.objects.update(retired_at=NOON - 91 * DAY)
    assert judged(measure, interested=[engineer.pk]) == []


def test_a_forecast_of_another_limit_says_nothing_and_what_runs_out_soonest_comes_first() -> None:
    item = an_item()
    near, far, unseen = (
        a_measure(item, name=name, limit=limit) for name, limit in (("a", 60.0), ("b", 99.0), ("c", 9))
    )
    for measure in (near, far, unseen):
        send(measure, [20 + 0.4 * day for day in range(80)])
        operations.forecast_measure(measure, actor=FORECASTER, at=NOON)
    operations.edit_measure(unseen, actor=KEEPER, version=unseen.version, limit=10.0)
    found = judged(near)
    assert [one.measure for one in found] == [near.slug, far.slug, unseen.slug]
    assert (found[2].made_at, found[2].soonest) == (None, None)
    assert len(judged(near, most=2)) == 2


@pytest.mark.parametrize("said", [{"side": "above"}, {"step": "hour"}, {"season": 7}, {"fold": "mean"}])
def test_a_forecast_made_by_another_method_says_nothing(said: dict[str, Any]) -> None:
    measure = a_measure()
    send(measure, [40.0] * 40)
    operations.forecast_measure(measure, actor=FORECASTER, at=NOON)
    assert judged(measure)[0].made_at == NOON
    operations.edit_measure(measure, actor=KEEPER, version=measure.version, **said)
    assert judged(measure)[0].made_at is None


def test_who_brings_a_measure_back_says_that_it_is_judged_so(engineer: User, manager: User) -> None:
    one, other = replace(KEEPER, id=engineer.pk), replace(KEEPER, id=manager.pk)
    measure = operations.add_measure(actor=one, ci=an_item(), name="Disk used", limit=1000.0)
    measure = operations.retire_measure(measure, actor=other, version=measure.version, at=NOON)
    measure = operations.revive_measure(measure, actor=one, version=measure.version)
    assert [each.by_interested for each in judged(measure, interested=[engineer.pk])] == [True]


@pytest.mark.parametrize("fold", ["max", "mean", "p95"])
def test_the_farthest_values_are_forecast_and_what_lies_beyond_them_is_refused(fold: str) -> None:
    measure = a_measure(limit=MOST, fold=fold, season=7)
    send(measure, [MOST if day % 2 else -MOST for day in range(60)])
    operations.take_points(measure, [Sent(NOON - DAY - timedelta(hours=1), MOST)], actor=KEEPER, at=NOON)
    assert operations.forecast_all(actor=FORECASTER, at=NOON) == 1
    with pytest.raises(InvalidInput):
        operations.take_points(measure, [Sent(NOON - DAY, 1e308)], actor=KEEPER, at=NOON)
    with pytest.raises(InvalidInput):
        a_measure(limit=-1e31)


def test_an_item_with_as_many_tasks_as_it_may_have_is_warned_of_all_the_same() -> None:
    measure = a_measure(limit=60.0)
    send(measure, [20 + 0.4 * day for day in range(80)])
    Task.objects.bulk_create(
        Task(record_kind=CI.kind, record_id=measure.ci_id, position=place, title="Look") for place in range(MAX_TASKS)
    )
    operations.forecast_measure(measure, actor=FORECASTER, at=NOON)
    warned = open_warning(measure)
    assert warned is not None
    assert warned.task is None


def test_a_retired_measure_is_forecast_no_more() -> None:
    measure = operations.retire_measure(a_measure(), actor=KEEPER, version=1, at=NOON)
    with pytest.raises(WrongState, match="forecast no more"):
        operations.forecast_measure(measure, actor=FORECASTER, at=NOON)
    assert not Forecast.objects.exists()
