"""Lanes: each goes by itself, a slow receiver holds up nobody, what wakes people is tried twice rather than never."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from itsm.clocks import due, heartbeat, keeping, late, tasks
from itsm.clocks.models import Due, Lateness
from itsm.notifications import channels, delivering, delivery_sql, outbox
from itsm.notifications.lanes import Lane
from itsm.notifications.models import Attempt, Delivery

T0 = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PATIENCE = 600


@pytest.fixture
def says(db: None) -> Iterator[dict[str, Any]]:
    """A channel in each lane, named for it; `says["page"]` is what its receiver does. Due rows likewise."""
    made: dict[str, Any] = {"sent": [], "kept": [], "does": lambda owed: None, "died": []}

    def deliver(owed: Delivery) -> str | None:
        answer = made["does"](owed)
        made["sent"].append((owed.channel, owed.key, connection.in_atomic_block))
        return answer

    for lane in Lane:
        outbox.register(
            f"to-{lane.value}", deliver, lane=lane, at_once=2, died=lambda owed, at: made["died"].append(owed.key)
        )
        due.register(f"at-{lane.value}", lambda record, at: made["kept"].append(record), lane=lane)
    yield made
    for lane in Lane:
        channels.known.pop(f"to-{lane.value}")
        due._handlers.pop(f"at-{lane.value}")
        due._lanes.pop(f"at-{lane.value}")


def owe(lane: Lane, key: str, aggregate: str = "") -> None:
    outbox.enqueue(f"to-{lane.value}", {}, aggregate=aggregate or key, key=key)


def soon() -> datetime:
    return timezone.now() + timedelta(seconds=1)


def test_each_row_lies_in_the_lane_of_its_channel_or_name(says: dict[str, Any]) -> None:
    for number, lane in enumerate(Lane):
        owe(lane, lane.value)
        due.schedule(f"at-{lane.value}", "thing", number, T0)
    assert dict(Delivery.objects.values_list("key", "lane")) == {lane.value: lane.value for lane in Lane}
    assert dict(Due.objects.values_list("name", "lane")) == {f"at-{lane.value}": lane.value for lane in Lane}
    outbox.relay(soon(), lanes=(Lane.WEBHOOK, Lane.MAIL))
    assert {channel for channel, *_ in says["sent"]} == {"to-webhook", "to-mail"}
    due.sweep(T0, lanes=(Lane.PAGING,))
    assert says["kept"] == [list(Lane).index(Lane.PAGING)]
    tasks.sweep()
    tasks.keep_bulk()
    assert sorted(says["kept"]) == sorted(list(Lane).index(one) for one in (Lane.PAGING, Lane.DESK, Lane.BULK))


def test_paging_is_never_given_up_and_never_waits_for_more_than_half_a_minute(says: dict[str, Any]) -> None:
    def fails(*_: object) -> None:
        raise ConnectionError

    says["does"] = fails
    due.register("at-paging", fails, lane=Lane.PAGING)
    owe(Lane.PAGING, "wake")
    due.schedule("at-paging", "thing", 1, T0)
    at, waits = soon(), []
    due_at = T0
    for _ in range(40):
        outbox.relay(at, lanes=(Lane.PAGING,))
        owed = Delivery.objects.get()
        waits.append((owed.due_at - at).total_seconds())
        at = owed.due_at
        due.sweep(due_at)
        row = Due.objects.get()
        assert row.at - due_at <= timedelta(seconds=30)
        due_at = row.at
    assert waits == [2, 4, 8, 16, *[30] * 36]
    assert Delivery.objects.get().dead_at is None
    assert (row.given_up_at, row.attempts) == (None, 40)
    Delivery.objects.update(attempts=30_000)
    Due.objects.update(attempts=30_000)
    for minutes in (1, 2):
        outbox.relay(at + timedelta(minutes=minutes))
        due.sweep(due_at + timedelta(minutes=minutes))
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {30_000}  # a fortnight later nobody counts


def test_mail_is_tried_for_three_days_and_a_webhook_ten_times_in_three_days(says: dict[str, Any]) -> None:
    def fails(owed: Delivery) -> None:
        raise ConnectionError

    says["does"] = fails
    for lane in (Lane.MAIL, Lane.WEBHOOK):
        owe(lane, lane.value)
        owed, began, tries = Delivery.objects.get(key=lane.value), soon(), 0
        at = began
        while owed.dead_at is None:
            outbox.relay(at, lanes=(lane,))
            owed.refresh_from_db()
            tries, at = tries + 1, owed.due_at
        assert timedelta(days=2, hours=12) < owed.dead_at - began < timedelta(days=3, hours=6)
        assert tries == 10 if lane == Lane.WEBHOOK else 60 < tries < 90
        assert says["died"][-1] == lane.value


def test_a_receiver_says_when_to_come_again_or_never(says: dict[str, Any]) -> None:
    answers = {
        "later": channels.PutOff("429", 4000),
        "never": channels.Refused("410 gone"),
        "endless": channels.PutOff("503", 1e9),
    }

    def does(owed: Delivery) -> None:
        raise answers[owed.key]

    says["does"] = does
    for key in answers:
        owe(Lane.WEBHOOK, key)
    at = soon()
    outbox.relay(at, lanes=(Lane.WEBHOOK,))
    rows = {one.key: one for one in Delivery.objects.all()}
    assert rows["later"].due_at == at + timedelta(seconds=4000)
    assert rows["endless"].due_at == at + timedelta(days=1)
    assert (rows["never"].dead_at, rows["never"].last_error) == (at, "410 gone")
    assert says["died"] == ["never"]
    assert dict(Attempt.objects.values_list("delivery__key", "said")) == {
        "later": "429",
        "never": "410 gone",
        "endless": "503",
    }


@pytest.mark.django_db(transaction=True)
def test_an_attempt_is_committed_before_it_is_made_and_made_again_after_a_crash(says: dict[str, Any]) -> None:
    class Killed(BaseException):
        pass

    seen: list[int] = []

    def dies(owed: Delivery) -> None:
        def look() -> None:
            seen.append(Attempt.objects.filter(delivery=owed, ended_at=None).count())
            connection.close()

        other = threading.Thread(target=look)
        other.start()
        other.join(PATIENCE)
        raise Killed

    says["does"] = dies
    owe(Lane.PAGING, "wake")
    at = soon()
    with pytest.raises(Killed):
        outbox.relay(at, lanes=(Lane.PAGING,))
    assert seen == [1]  # another connection sees the attempt while it is made
    assert outbox.relay(at, lanes=(Lane.PAGING,)) == 0  # it may still be under way
    says["does"] = lambda owed: "called"
    again = at + timedelta(seconds=15)
    assert outbox.relay(again, lanes=(Lane.PAGING,)) == 1
    assert says["sent"] == [("to-paging", "wake", False)]  # with no transaction open
    assert list(Attempt.objects.values_list("number", "ok", "said")) == [(1, None, ""), (2, True, "called")]
    assert Delivery.objects.get().delivered_at == again


@pytest.mark.django_db(transaction=True)
def test_one_that_hangs_holds_up_neither_other_owners_nor_the_look(says: dict[str, Any]) -> None:
    """At most two at a time for one owner, and order within an aggregate."""
    release, hanging, most = threading.Event(), threading.Semaphore(0), [0, 0]
    guard = threading.Lock()

    def does(owed: Delivery) -> None:
        if owed.aggregate.startswith("slow:"):
            with guard:
                most[0] += 1
                most[1] = max(most)
            hanging.release()
            release.wait(PATIENCE)
            with guard:
                most[0] -= 1

    says["does"] = does
    for number in range(6):
        owe(Lane.WEBHOOK, f"slow-{number}", f"slow:{number}")
    for number in range(20):
        owe(Lane.WEBHOOK, f"fast-{number:02}", f"fast:{number % 4}")
    stopping = threading.Event()
    keeper = keeping.Keeper(Lane.WEBHOOK, stopping)
    running = threading.Thread(target=keeper.run)
    running.start()
    try:
        assert hanging.acquire(timeout=PATIENCE)
        assert hanging.acquire(timeout=PATIENCE)
        while Delivery.objects.filter(delivered_at=None).count() > 6:
            assert not release.is_set()
        assert heartbeat.ages()["webhook"] is not None
        assert most == [2, 2]
        fast = [key for _, key, _ in says["sent"]]
        for place in range(4):
            mine = [key for key in fast if int(key[-2:]) % 4 == place]
            assert mine == sorted(mine)
        release.set()
        while Delivery.objects.filter(delivered_at=None).exists():
            pass
    finally:
        release.set()
        stopping.set()
        running.join(PATIENCE)
        keeper.join(keeping.time.monotonic() + PATIENCE)
    assert len(says["sent"]) == len(set(says["sent"])) == 26
    assert most[1] == 2


@pytest.mark.django_db(transaction=True)
def test_a_thread_rests_with_its_connection_and_is_called_again(
    says: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    by: list[tuple[int, int]] = []
    says["does"] = lambda owed: by.append((threading.get_ident(), connection.connection.get_backend_pid()))
    stopping = threading.Event()
    keeper = keeping.Keeper(Lane.PUSH, stopping)
    for number in range(3):
        owe(Lane.PUSH, f"push-{number}", "one")
        keeper.look()
        while len(by) == number or keeper._resting == 0:
            pass
    assert len(by) == 3
    assert len(set(by)) == 1
    stopping.set()
    keeper.join(keeping.time.monotonic() + PATIENCE)
    assert not keeper._standing
    monkeypatch.setattr(keeping, "REST", 0.0)  # nobody calls for so long
    stopping.clear()
    owe(Lane.PUSH, "push-last", "one")
    keeper.look()
    while keeper._standing:
        pass
    assert len(by) == 4


def test_what_one_owner_takes_quickly_goes_together_and_is_given_back_where_it_is_slow(
    says: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(12):
        owe(Lane.WEBHOOK, f"a-{number:02}", f"quick:{number}")
    at, lanes = soon(), (Lane.WEBHOOK,)
    assert [delivering.deliver_next(at, lanes, most=100) for _ in range(3)] == [1, 2, 4]
    untried = Delivery.objects.filter(delivered_at=None).order_by("id")
    before = list(untried.values_list("key", "due_at"))[1:]
    monkeypatch.setattr(delivering, "_TOGETHER", -1.0)
    assert delivering.deliver_next(at, lanes, most=100) == 1
    assert list(untried.values_list("key", "due_at")) == before
    assert not untried.exclude(attempts=0).exists()
    assert not Attempt.objects.filter(delivery__in=untried).exists()
    assert outbox.relay(at, lanes=lanes) == 4
    assert [key for _, key, _ in says["sent"]] == [f"a-{number:02}" for number in range(12)]


def test_what_waits_behind_something_put_off_is_stepped_over_until_that_is_over(says: dict[str, Any]) -> None:
    def fails(owed: Delivery) -> None:
        raise ConnectionError

    says["does"], at, lanes = fails, soon(), (Lane.WEBHOOK,)
    for key in ("first", "second"):
        owe(Lane.WEBHOOK, key, "one:1")
    owe(Lane.WEBHOOK, "other", "one:2")
    assert delivering.deliver_next(at, lanes) == 0
    assert delivering.let_wait(at, Lane.WEBHOOK) == 1
    assert delivering.let_wait(at, Lane.WEBHOOK) == 0
    first, second, other = Delivery.objects.order_by("id")
    assert second.due_at == first.due_at > at > other.due_at
    owe(Lane.WEBHOOK, "third", "one:1")
    assert delivering.let_wait(at, Lane.WEBHOOK) == 1
    Delivery.objects.filter(key="third").update(due_at=first.due_at + timedelta(hours=1))
    says["does"] = lambda owed: None
    assert outbox.relay(first.due_at, lanes=lanes) == 4
    assert [key for _, key, _ in says["sent"]] == ["other", "first", "second", "third"]


@pytest.mark.django_db
def test_the_first_of_each_aggregate_is_looked_up_row_by_row() -> None:
    """As a join it was quadratic on a table whose statistics are old."""
    with connection.cursor() as cursor:
        for claim in (delivery_sql.CLAIM, delivery_sql.CLAIM_OF_ONE, delivery_sql.MORE):
            asked = {**delivering._asked(soon(), (Lane.WEBHOOK,)), "owner": "a", "first": 1, "most": 9}
            cursor.execute(f"EXPLAIN {claim}", asked)
            assert "Join" not in str(cursor.fetchall())


def test_a_lane_that_is_stuck_gives_no_sign_of_life(says: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = keeping.Keeper(Lane.PAGING, threading.Event())
    keeper._began[threading.current_thread()] = keeping.time.monotonic() - keeping.LONGEST - 1
    keeper.look()
    assert heartbeat.ages()["paging"] is None
    keeper._began.clear()
    keeper.look()
    assert heartbeat.ages()["paging"] is not None
    assert heartbeat.age() is None  # no Celery worker


def test_the_watch_does_what_is_late_counts_it_and_says_so(
    says: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    owe(Lane.PAGING, "wake")
    owe(Lane.WEBHOOK, "tell")
    due.schedule("at-intake", "thing", 7, timezone.now() - timedelta(seconds=50))
    call_command("watch_response", "--once")  # nothing is a minute late
    assert "deliveries_paging: on time" in capsys.readouterr().out
    Delivery.objects.update(due_at=timezone.now() - timedelta(seconds=70))
    Due.objects.update(at=timezone.now() - timedelta(seconds=70))
    with pytest.raises(SystemExit) as ended:
        call_command("watch_response", "--once")
    assert ended.value.code == 1
    assert "deliveries_paging: 1 late" in capsys.readouterr().out
    assert ([key for _, key, _ in says["sent"]], says["kept"]) == (["wake"], [7])
    assert dict(Lateness.objects.values_list("name", "found")) == {"deliveries_paging": 1, "due_intake": 1}
    call_command("watch_response", "--once")


def test_the_heartbeat_leaves_only_where_nothing_stays_late(
    says: dict[str, Any], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    from itsm.clocks.management.commands import watch_response

    asked: list[str] = []
    monkeypatch.setattr(watch_response.outgoing, "request", lambda method, url, **_: asked.append(url) or (200, b""))
    settings.HEARTBEAT_URL = "https://watch.example/ping"
    watch_response.Command().one_round()
    assert asked == ["https://watch.example/ping"]
    assert heartbeat.ages()["watch"] is not None
    stays = {"late": 3}
    late.register("own", lambda before: stays["late"], lambda at: None)
    try:
        watch_response.Command().one_round()
        assert len(asked) == 1
        late.register("own", lambda before: stays["late"], lambda at: stays.update(late=0))
        watch_response.Command().one_round()
        assert len(asked) == 2
    finally:
        late._watched.pop("own")
