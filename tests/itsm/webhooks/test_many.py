"""Thousands of messages to a receiver that fails seven times in ten: each is taken once, by its id, and none is lost."""

import json
import random
import threading
from collections import Counter
from typing import Any

import pytest
from django.db import connection
from django.db.models import Exists, OuterRef
from django.utils import timezone

from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.clocks import keeping
from itsm.kernel.actors import Door
from itsm.notifications import outbox
from itsm.notifications.lanes import Lane
from itsm.notifications.models import Attempt, Delivery
from itsm.webhooks import events, operations
from itsm.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookEvent
from tests.itsm.scripted_server import Asked, Reply, Scripted
from tests.itsm.webhooks.conftest import leave
from tests.slo.proving import IN_FULL

EVENTS = 5_000 if IN_FULL else 150
RECORDS = EVENTS // 5
SEED = 20261129


def happen(count: int, endpoints: list[WebhookEndpoint]) -> None:
    """So many things, five to a record."""
    at = timezone.now()
    made = [
        WebhookEvent(
            key=events.new_id(), type="incident.edited", at=at, record_kind="incident", record_id=number % RECORDS,
            reference="INC-1", body=events.written("incident.edited", at, {"place": number}),
        )
        for number in range(count)
    ]  # fmt: skip
    for event in WebhookEvent.objects.bulk_create(made):
        events.send(event, endpoints)


@pytest.mark.in_turn(3, at=2)
@pytest.mark.timeout(3600)  # 21,000 tries
@pytest.mark.django_db(transaction=True)
def test_each_is_taken_once_by_its_id_whoever_fails(admin: User, receiver: Scripted) -> None:
    chance, guard = random.Random(SEED), threading.Lock()
    taken: dict[str, list[str]] = {"/bad": [], "/good": []}
    at_once = Counter[str]()
    most = Counter[str]()

    def answer(asked: Asked) -> Reply:
        with guard:
            at_once[asked.path] += 1
            most[asked.path] = max(most[asked.path], at_once[asked.path])
        receiver.over.wait(0.002)
        with guard:
            fails = asked.path == "/bad" and chance.random() < 0.7
            if not fails:
                taken[asked.path].append(asked.headers["webhook-id"])
            at_once[asked.path] -= 1
        return Reply(chance.choice((500, 503, 429, 302))) if fails else Reply(204, b"")

    receiver.answer = answer
    actor = actor_for(admin, Door.WEB)
    bad, good = (
        operations.create(actor=actor, name=name, url=f"{receiver.url}/{name}", events=["*"])[0]
        for name in ("bad", "good")
    )
    happen(EVENTS, [bad, good])
    stopping = threading.Event()
    keeper = keeping.Keeper(Lane.WEBHOOK, stopping)
    looking = threading.Thread(target=keeper.run)
    looking.start()
    owed = Delivery.objects.filter(channel="webhook", delivered_at=None, dead_at=None)
    under_way = Attempt.objects.filter(delivery=OuterRef("pk"), ended_at=None)
    try:
        while owed.exists():
            put_off = owed.filter(~Exists(under_way), due_at__gt=timezone.now(), last_error__gt="")
            put_off.update(due_at=timezone.now())  # hours pass
            stopping.wait(0.2)
    finally:
        stopping.set()
        looking.join()
        keeper.join(keeping.time.monotonic() + 60)
    every = set(WebhookEvent.objects.values_list("key", flat=True))
    assert Counter(taken["/good"]) == Counter(every)
    dead = set(
        WebhookDelivery.objects.filter(
            key__in=Delivery.objects.exclude(dead_at=None).values_list("key", flat=True)
        ).values_list("event__key", flat=True)
    )
    assert max(Counter(taken["/bad"]).values()) == 1
    assert set(taken["/bad"]) | dead == every
    assert not set(taken["/bad"]) & dead
    assert Attempt.objects.filter(delivery__dead_at__isnull=False).count() == 10 * len(dead)
    assert max(most.values()) <= 2
    place = {event.key: json.loads(event.body)["data"]["place"] for event in WebhookEvent.objects.all()}
    for path in taken:
        of_record: dict[int, list[int]] = {}
        for key in taken[path]:
            of_record.setdefault(place[key] % RECORDS, []).append(place[key])
        assert all(places == sorted(places) for places in of_record.values())


@pytest.mark.django_db(transaction=True)
def test_who_is_killed_between_the_row_and_the_answer_sends_again_under_the_same_id(
    admin: User, receiver: Scripted
) -> None:
    endpoint = operations.create(actor=actor_for(admin, Door.WEB), name="x", url=receiver.url, events=["*"])[0]
    happen(1, [endpoint])

    class Killed(BaseException):
        pass

    with pytest.MonkeyPatch.context() as patch:

        def gone(*_: Any) -> None:
            raise Killed

        patch.setattr("itsm.notifications.delivering._concluded", gone)
        with pytest.raises(Killed):
            leave()
    connection.close()
    assert len(receiver.asked) == 1
    assert list(Attempt.objects.values_list("ended_at", "ok")) == [(None, None)]
    assert leave(30) == 0  # it may still be under way
    assert leave(62) == 1
    assert len({asked.headers["webhook-id"] for asked in receiver.asked}) == 1
    assert len(receiver.asked) == 2
    assert outbox.relay(timezone.now()) == 0
