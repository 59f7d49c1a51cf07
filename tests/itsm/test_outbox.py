"""What is owed is delivered: once where nothing fails, again where something did, never forgotten."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from itsm.notifications import channels, delivering, outbox
from itsm.notifications.models import Delivery
from tests.itsm.at_once import at_once

PATIENCE = 600  # seconds: a ceiling for what never comes, not a measure


@pytest.fixture
def sent(db: None) -> Iterator[list[int]]:
    """A channel that keeps what it delivered; `failing` in a payload makes it fail."""
    kept: list[int] = []

    def deliver(owed: Delivery) -> None:
        if owed.payload.get("failing"):
            raise ConnectionError("nobody there")
        kept.append(owed.payload["n"])

    outbox.register("test", deliver)
    yield kept
    channels.known.pop("test")


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """No nudge to the real broker from here."""
    monkeypatch.setattr(outbox.nudge, "_publish", lambda: None)


def owe(n: int, aggregate: str = "a", **payload: object) -> None:
    outbox.enqueue("test", {"n": n, **payload}, aggregate=aggregate, key=f"key-{n}")


def now() -> datetime:
    return timezone.now() + timedelta(seconds=1)


@pytest.mark.django_db(transaction=True)
def test_two_relays_at_once_deliver_once(sent: list[int]) -> None:
    for n in range(40):
        owe(n, f"a-{n}")
    at = now()
    assert sum(at_once(4, lambda: outbox.relay(at))) == 40
    assert sorted(sent) == list(range(40))


@pytest.mark.django_db(transaction=True)
def test_one_aggregate_leaves_in_order_whoever_relays(sent: list[int]) -> None:
    for n in range(30):
        owe(n, "one")
    at = now()
    at_once(3, lambda: outbox.relay(at))
    outbox.relay(at)
    assert sent == list(range(30))


@pytest.mark.django_db
def test_one_relay_empties_a_queue_of_one_aggregate(sent: list[int]) -> None:
    for n in range(5):
        owe(n)
    assert outbox.relay(now()) == 5
    assert outbox.relay(now()) == 0


@pytest.mark.django_db
def test_a_failed_delivery_holds_up_its_own_aggregate_only(sent: list[int]) -> None:
    owe(1, "a", failing=True)
    owe(2, "a")
    owe(3, "b")
    outbox.relay(now())
    assert sent == [3]


@pytest.mark.django_db
def test_what_fails_is_put_off_longer_each_time_and_given_up_in_the_end(sent: list[int]) -> None:
    owe(1, failing=True)
    owe(2)
    waits, at = [], now()
    for attempt in range(1, 11):
        assert outbox.relay(at) == (attempt == 10)  # then what waited behind it goes on
        owed = Delivery.objects.get(key="key-1")
        waits.append(owed.due_at - at)
        if not owed.dead_at:
            assert outbox.relay(at) == 0  # not due again at the same instant
        at = owed.due_at
    assert waits[:4] == [timedelta(seconds=seconds) for seconds in (20, 80, 320, 1280)]
    assert max(waits) == timedelta(hours=6)
    dead = Delivery.objects.get(key="key-1")
    assert dead.dead_at
    assert dead.attempts == 10
    assert dead.last_error == "ConnectionError: nobody there"
    assert sent == [2]


@pytest.mark.django_db(transaction=True)
def test_a_crash_between_sending_and_marking_sends_again_under_the_same_key(sent: list[int]) -> None:
    owe(1)

    class Killed(BaseException):
        pass

    def update(*args: object, **kwargs: object) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delivering.rows, "update", update)
        with pytest.raises(Killed):
            outbox.relay(now())
    assert Delivery.objects.get().delivered_at is None
    outbox.relay(now())
    assert sent == [1, 1]
    assert Delivery.objects.get().key == "key-1"


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_owes_nothing() -> None:
    with transaction.atomic():
        owe(1)
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()


@pytest.mark.django_db
def test_the_same_key_is_owed_once(sent: list[int]) -> None:
    owe(1)
    owe(1)
    assert outbox.relay(now()) == 1


@pytest.mark.django_db
def test_an_unknown_channel_stays_owed_and_says_so() -> None:
    outbox.enqueue("pigeon", {}, aggregate="a")
    assert outbox.relay(now()) == 0
    assert Delivery.objects.get().last_error.startswith("KeyError")


@pytest.mark.django_db(transaction=True)
def test_a_silent_broker_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    silent, asked, over = outbox._Nudger(), threading.Event(), threading.Event()

    def hang(*args: object, **kwargs: object) -> None:
        asked.set()
        over.wait(PATIENCE)

    monkeypatch.setattr(outbox.current_app, "send_task", hang)
    monkeypatch.setattr(outbox, "nudge", silent)
    for n in range(20):
        with transaction.atomic():
            owe(n, "silent")
    assert asked.wait(PATIENCE)  # the broker is being asked, and still we are here
    assert not over.is_set()
    assert Delivery.objects.filter(aggregate="silent").count() == 20
    over.set()


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_refuses_is_only_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = threading.Event()

    def refuse(*args: object, **kwargs: object) -> None:
        tried.set()
        raise ConnectionError

    monkeypatch.setattr(outbox.current_app, "send_task", refuse)
    monkeypatch.setattr(outbox, "nudge", outbox._Nudger())
    with transaction.atomic():
        owe(1)
    assert tried.wait(PATIENCE)
    assert connection.is_usable()
