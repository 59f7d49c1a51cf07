"""Layers in versions, overrides, swaps, time off, who left: what they do to who is on duty."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from itsm.accounts import operations as accounts
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Membership, Team, User
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, StaleVersion, WrongState
from itsm.notifications.models import Notification
from itsm.oncall import operations as oncall
from itsm.oncall.models import Layer, Schedule, Served, Swap
from itsm.oncall.queries import final_shifts, on_duty
from itsm.oncall.queries.duty import standing
from tests.conftest import SYSTEM
from tests.together import each_of

pytestmark = pytest.mark.django_db

NOW = timezone.now().replace(minute=0, second=0, microsecond=0)
DAY = timedelta(days=1)


@pytest.fixture
def team() -> Team:
    return accounts.add_team(actor=SYSTEM, slug="payments", name="Payments")


@pytest.fixture
def crew(team: Team) -> list[User]:
    """Three engineers of the team; the first leads it."""
    made = [
        accounts.add_user(actor=SYSTEM, username=name, name=name.title(), roles=["engineer"], teams=[team])
        for name in ("ada", "ben", "cy")
    ]
    Membership.objects.filter(user=made[0]).update(lead=True)
    return made


def acting(person: User) -> Actor:
    return actor_for(person, Door.API)


def daily(people: list[User], **said: Any) -> oncall.Said:
    given = {"unit": "days", "length": 1, "anchor_date": NOW.date() - DAY, "handoff": time(0), "zone": "UTC"}
    return oncall.Said(**{**given, "slots": tuple((one.pk,) for one in people), **said})


@pytest.fixture
def schedule(team: Team, crew: list[User]) -> Schedule:
    """A day each, from yesterday: today is the second's."""
    return oncall.create_schedule(
        actor=acting(crew[0]), at=NOW - 2 * DAY, name="Payments", team=team, zone="UTC", layers=[daily(crew)]
    )


def names(schedule: Schedule, at: datetime, place: Any = "now") -> list[str]:
    people = on_duty(schedule.pk, at, place).people
    return [User.objects.get(pk=one).username for one in people]


def test_who_is_on_duty_and_who_is_next(schedule: Schedule) -> None:
    now = on_duty(schedule.pk, NOW)
    midnight = datetime.combine(NOW.date() + DAY, time(0), UTC)
    assert (names(schedule, NOW), now.until, now.is_gap) == (["ben"], midnight, False)
    assert "Turn 2" in now.why
    assert names(schedule, NOW, "next") == ["cy"]
    assert names(schedule, NOW, "previous") == ["ada"]
    assert sorted(names(schedule, NOW, "all")) == ["ada", "ben", "cy"]


def test_an_edit_makes_a_version_and_the_past_stands(schedule: Schedule, crew: list[User]) -> None:
    before = final_shifts(schedule, NOW - DAY, NOW)
    (said,) = oncall.said_now(schedule, NOW)
    edited = oncall.edit_schedule(
        schedule, actor=acting(crew[0]), version=1, at=NOW, layers=[replace(said, slots=((crew[2].pk,),))]
    )
    assert (edited.version, Layer.objects.count()) == (2, 2)
    assert names(schedule, NOW) == ["cy"]
    assert final_shifts(schedule, NOW - DAY, NOW) == before
    again = oncall.edit_schedule(
        schedule, actor=acting(crew[0]), version=2, at=NOW, layers=oncall.said_now(schedule, NOW)
    )
    assert (again.version, Layer.objects.count()) == (2, 2)  # nothing became otherwise


def test_layers_change_places_and_one_that_is_not_named_ends(schedule: Schedule, crew: list[User]) -> None:
    (first,) = oncall.said_now(schedule, NOW)
    lead = acting(crew[0])
    oncall.edit_schedule(schedule, actor=lead, version=1, at=NOW, layers=[daily([crew[0]]), first])
    assert names(schedule, NOW) == ["ada"]
    upper, lower = oncall.said_now(schedule, NOW)
    oncall.edit_schedule(schedule, actor=lead, version=2, at=NOW, layers=[lower, upper])
    assert names(schedule, NOW) == ["ben"]
    oncall.edit_schedule(schedule, actor=lead, version=3, at=NOW, from_=NOW + DAY, layers=[upper])
    assert names(schedule, NOW) == ["ben"]
    assert names(schedule, NOW + DAY) == ["ada"]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # the deferred exclusion holds


@each_of(
    ("said", "words"),
    [
        ({"slots": ()}, "Nobody takes turns"),
        ({"slots": ((), ())}, "Nobody takes turns"),
        ({"zone": "Mars/Base"}, "no zone Mars/Base"),
        ({"length": 0}, "1 to 366"),
        ({"hours": ((0, time(9), 0, time(9)),)}, "ends at another time"),
        ({"unit": "hours", "length": 10, "count": "covered"}, "drift"),
        ({"anchor_date": date(1900, 1, 1)}, "1980"),
    ],
)
def test_a_layer_that_cannot_be_is_refused(crew: list[User], team: Team, said: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        oncall.create_schedule(
            actor=acting(crew[0]), at=NOW, name="X", team=team, zone="UTC", layers=[replace(daily(crew), **said)]
        )


def test_who_may(schedule: Schedule, crew: list[User], team: Team) -> None:
    (said,) = oncall.said_now(schedule, NOW)
    with pytest.raises(NotPermitted):
        oncall.edit_schedule(schedule, actor=acting(crew[1]), version=1, at=NOW, layers=[said])
    with pytest.raises(StaleVersion):
        oncall.edit_schedule(schedule, actor=acting(crew[0]), version=7, at=NOW, name="Y")
    with pytest.raises(Conflict, match="What has passed"):
        oncall.edit_schedule(schedule, actor=acting(crew[0]), version=1, at=NOW, layers=[said], from_=NOW - DAY)
    stranger = accounts.add_user(actor=SYSTEM, username="eve", name="Eve", roles=["engineer"])
    with pytest.raises(NotPermitted):
        oncall.override(
            schedule, actor=acting(stranger), at=NOW, starts_at=NOW, ends_at=NOW + DAY, people=[stranger]
        )  # fmt: skip


def test_an_override_holds_until_it_is_withdrawn(schedule: Schedule, crew: list[User]) -> None:
    made = oncall.override(
        schedule, actor=acting(crew[1]), at=NOW, starts_at=NOW, ends_at=NOW + 2 * DAY, people=[crew[0]]
    )  # fmt: skip
    assert names(schedule, NOW) == ["ada"]
    assert Notification.objects.filter(to=crew[0], event="schedule_override.created").exists()
    oncall.withdraw_override(made, actor=acting(crew[1]), version=1, at=NOW + timedelta(hours=1))
    assert names(schedule, NOW) == ["ada"]
    assert names(schedule, NOW + timedelta(hours=1)) != ["ada"]
    with pytest.raises(Conflict, match="passed"):
        oncall.override(schedule, actor=acting(crew[1]), at=NOW, starts_at=NOW - DAY, ends_at=NOW, people=[crew[0]])


def test_nobody_on_purpose_needs_a_reason_and_is_no_gap(schedule: Schedule, crew: list[User]) -> None:
    said: Any = {"actor": acting(crew[0]), "at": NOW, "starts_at": NOW, "ends_at": NOW + DAY, "nobody": True}
    with pytest.raises(InvalidInput, match="why nobody"):
        oncall.override(schedule, **said)
    oncall.override(schedule, **said, reason="Shop is closed")
    now = on_duty(schedule.pk, NOW)
    assert (now.people, now.is_gap) == ((), True)
    assert "Shop is closed" in now.why
    assert oncall.tell_gaps(schedule, NOW) == 0


def test_an_override_by_somebody_away_asks(schedule: Schedule, crew: list[User]) -> None:
    oncall.take_time_off(crew[2], actor=acting(crew[2]), at=NOW, starts_at=NOW, ends_at=NOW + DAY)
    said: Any = {"actor": acting(crew[0]), "at": NOW, "starts_at": NOW, "ends_at": NOW + DAY, "people": [crew[2]]}
    with pytest.raises(Conflict, match="cy has time off"):
        oncall.override(schedule, **said)
    oncall.override(schedule, **said, although_away=True)
    assert names(schedule, NOW) == ["cy"]


def test_time_off_leaves_a_gap_that_the_team_hears_of_once(schedule: Schedule, crew: list[User]) -> None:
    off = oncall.take_time_off(crew[1], actor=acting(crew[1]), at=NOW, starts_at=NOW, ends_at=NOW + DAY)
    assert on_duty(schedule.pk, NOW).is_gap
    assert "A gap" in on_duty(schedule.pk, NOW).why
    told = Notification.objects.filter(event="schedule.gaps")
    assert told.count() == 3
    assert oncall.tell_gaps(Schedule.objects.get(), NOW + timedelta(hours=1)) == 0
    assert told.count() == 3
    with pytest.raises(NotPermitted):
        oncall.cancel_time_off(off, actor=acting(crew[0]), version=1, at=NOW)
    oncall.cancel_time_off(off, actor=acting(crew[1]), version=1, at=NOW)
    assert names(schedule, NOW) == ["ben"]


def asked(schedule: Schedule, crew: list[User], **said: Any) -> Swap:
    line = Layer.objects.get(first=None).pk
    return oncall.ask_swap(
        schedule, **{"actor": acting(crew[1]), "at": NOW, "layer": line, "turn": 1, "out": crew[1], **said}
    )


def test_a_swap_is_asked_taken_and_given_back(schedule: Schedule, crew: list[User]) -> None:
    swap = asked(schedule, crew)
    assert names(schedule, NOW) == ["ben"]
    with pytest.raises(NotPermitted):
        oncall.take_swap(swap, actor=acting(crew[1]), at=NOW)
    oncall.take_swap(swap, actor=acting(crew[2]), at=NOW)
    assert names(schedule, NOW) == ["cy"]
    assert "swap of turn 2" in on_duty(schedule.pk, NOW).why
    assert Notification.objects.filter(to=crew[1], event="swap.taken").exists()
    with pytest.raises(WrongState):
        oncall.take_swap(swap, actor=acting(crew[2]), at=NOW)
    oncall.give_back(swap, actor=acting(crew[2]), at=NOW)
    assert names(schedule, NOW) == ["ben"]


def test_a_turn_is_taken_over_at_once_and_a_swap_lies_on_a_swap(schedule: Schedule, crew: list[User]) -> None:
    asked(schedule, crew, actor=acting(crew[2]), into=crew[2])
    assert names(schedule, NOW) == ["cy"]
    asked(schedule, crew, actor=acting(crew[0]), out=crew[2], into=crew[0])
    assert names(schedule, NOW) == ["ada"]
    with pytest.raises(InvalidInput, match="not ben's"):
        asked(schedule, crew)


def test_a_swap_is_refused_where_it_cannot_be(schedule: Schedule, crew: list[User]) -> None:
    with pytest.raises(NotPermitted):
        asked(schedule, crew, actor=acting(crew[2]))
    with pytest.raises(Conflict, match="over"):
        asked(schedule, crew, turn=0, out=crew[0], actor=acting(crew[0]))
    with pytest.raises(InvalidInput, match="no such turn"):
        asked(schedule, crew, turn=2**31 - 1)
    with pytest.raises(InvalidInput, match="outside"):
        asked(schedule, crew, ends_at=NOW + 3 * DAY)


def test_a_swap_is_void_once_the_turn_is_somebody_elses(schedule: Schedule, crew: list[User]) -> None:
    swap = asked(schedule, crew, actor=acting(crew[2]), into=crew[2])
    (said,) = oncall.said_now(schedule, NOW)
    lead = acting(crew[0])
    moved = replace(said, handoff=time(3))  # it follows a moved hand-off
    oncall.edit_schedule(schedule, actor=lead, version=1, at=NOW, layers=[moved])
    swap.refresh_from_db()
    assert swap.status == "taken"
    (said,) = oncall.said_now(schedule, NOW)
    oncall.edit_schedule(schedule, actor=lead, version=2, at=NOW, layers=[replace(said, slots=((crew[0].pk,),))])
    swap.refresh_from_db()
    assert (swap.status, names(schedule, NOW)) == ("void", ["ada"])
    assert set(Notification.objects.filter(event="swap.voided").values_list("to__username", flat=True)) == {"ben", "cy"}


def test_who_leaves_is_nowhere_on_duty_and_the_successor_takes_their_turns(
    schedule: Schedule, crew: list[User]
) -> None:
    User.objects.filter(pk=crew[1].pk).update(is_active=False)
    assert on_duty(schedule.pk, timezone.now()).people == ()
    User.objects.filter(pk=crew[1].pk).update(is_active=True)
    accounts.deactivate(crew[1], actor=SYSTEM, successor=crew[2])
    assert names(schedule, timezone.now()) == ["cy"]


def test_what_was_served_is_written_once_and_never_changed(schedule: Schedule, crew: list[User]) -> None:
    live = oncall.go_live(schedule, actor=acting(crew[0]), version=1, at=NOW - timedelta(hours=3))
    assert oncall.write_served(NOW + timedelta(minutes=30)) == 3
    assert oncall.write_served(NOW + timedelta(minutes=40)) == 0
    before = list(Served.objects.values_list("person", "starts_at"))
    (said,) = oncall.said_now(schedule, NOW)
    oncall.edit_schedule(
        live, actor=acting(crew[0]), version=2, at=NOW, layers=[replace(said, slots=((crew[0].pk,),))]
    )  # fmt: skip
    oncall.write_served(NOW + timedelta(hours=1, minutes=1))
    assert list(Served.objects.values_list("person", "starts_at"))[:3] == before
    assert Served.objects.order_by("starts_at").last().person == crew[0]  # type: ignore[union-attr]
    with pytest.raises(DatabaseError), transaction.atomic():
        Served.objects.update(person=crew[2])


def test_the_database_keeps_two_layers_of_a_rank_apart(schedule: Schedule) -> None:
    row = Layer.objects.get()
    row.pk, row.first_id = None, None
    row.save()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    Layer.objects.filter(pk=row.pk).delete()


def test_who_is_on_call_in_many_schedules_is_asked_at_once(
    team: Team, crew: list[User], schedule: Schedule, django_assert_max_num_queries: Any
) -> None:
    lead = acting(crew[0])
    for number in range(6):
        oncall.create_schedule(
            actor=lead, at=NOW - 2 * DAY, name=f"More {number}", team=team, zone="UTC", layers=[daily(crew[::-1])]
        )
    rows = list(Schedule.objects.all())
    with django_assert_max_num_queries(9):
        found = standing(rows, NOW)
    for one in rows:
        now, following = found[one.pk]
        assert now == on_duty(one.pk, NOW)
        assert following.people == on_duty(one.pk, NOW, "next").people


def test_who_left_was_on_duty_while_they_were_there(team: Team, crew: list[User]) -> None:
    anchor, then = NOW.date() - 4 * DAY, NOW - 1.5 * DAY
    schedule = oncall.create_schedule(
        actor=acting(crew[0]), at=NOW - 5 * DAY, name="Payments", team=team, zone="UTC",
        layers=[daily(crew, anchor_date=anchor)],
    )  # fmt: skip

    def turn_of(day: date) -> User:
        return crew[(day - anchor).days % 3]

    who = turn_of(then.date())
    User.objects.filter(pk=who.pk).update(is_active=False)
    assert on_duty(schedule.pk, then).people == (who.pk,)
    again = next(day for ahead in (1, 2, 3) if turn_of(day := NOW.date() + ahead * DAY) == who)
    assert on_duty(schedule.pk, datetime.combine(again, time(1), UTC)).is_gap
