"""RecordEvent of many budgets at once: the same rows as one by one, and whoever has something to do about it still hears."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from changes.models import Evaluation
from itsm.audit.models import Entry
from itsm.clocks.models import Due
from itsm.lifecycle import RecordEvent, record_changed
from slo.models import Budget, Reservation
from slo.objectives.operations.evaluation import EVALUATOR
from slo.objectives.operations.state_changes import announce, announce_changes
from tests.factories.changes import a_measured_service, a_model, ask, restate
from tests.factories.slo import T0, an_indicator, an_objective

pytestmark = pytest.mark.django_db

STATES = ("healthy", "watch", "exhausted", "burning_fast", "no_data")


def one_by_one() -> None:
    for budget in Budget.objects.exclude(state=F("announced_state")).select_related("objective").order_by("pk"):
        announce(budget, actor=EVALUATOR)


def together() -> None:
    announce_changes(actor=EVALUATOR)


def rows_after(work: Callable[[], Any]) -> dict[str, list[Any]]:
    """What anybody can read afterwards, without keys and clocks; nothing stays."""
    before = Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    with transaction.atomic():
        work()
        noted = ("event", "actor_name", "actor_kind", "via", "record_kind", "record_id", "reference", "remark")
        entries = Entry.objects.filter(pk__gt=before).values_list(*noted, "changes")
        found: dict[str, list[Any]] = {
            "entries": sorted(map(repr, entries)),
            "budgets": list(Budget.objects.order_by("pk").values_list("pk", "state", "announced_state")),
            "evaluations": list(Evaluation.objects.order_by("pk").values_list("pk", "status", "version")),
            "due": [
                (one.name, one.record_id, one.at > T0 + timedelta(days=1))  # told: the clock of the wall, not ours
                for one in Due.objects.filter(done_at=None).order_by("name", "record_id")
            ],
            "held": list(Reservation.objects.filter(released_at=None).order_by("pk").values_list("pk", "holder")),
        }
        transaction.set_rollback(True)
    return found


@pytest.mark.parametrize("seed", range(6))
def test_many_at_once_leave_the_rows_that_each_alone_would_leave(asker, owning, seed):
    chance = random.Random(seed)
    services = [a_measured_service(chance.choice(STATES[:4])) for _ in range(5)]
    an_objective(service=services[0], indicator=an_indicator(), gating=False)
    for service in services[:3]:
        a_model(service, owning)
        ask(service, asker, change_class="standard", environment=chance.choice(["production", "production", "staging"]))
    ask(services[3], asker)
    for service in services[1:]:
        restate(service, chance.choice(STATES), T0)
    assert rows_after(together) == rows_after(one_by_one)


def test_what_waits_and_what_was_let_go_hear_of_it_among_many_who_do_not(asker, owning):
    quiet = [a_measured_service() for _ in range(3)]
    going, waiting = a_measured_service(), a_measured_service("burning_fast")
    for service in (going, waiting):
        a_model(service, owning)
    approved, postponed = (ask(one, asker, change_class="standard") for one in (going, waiting))
    for service in (*quiet, going):
        restate(service, "exhausted", T0)
    restate(waiting, "healthy", T0)
    announce_changes(actor=EVALUATOR)
    approved.refresh_from_db()
    assert (postponed.outcome, approved.status) == ("postponed", "expired")
    assert Due.objects.filter(
        name="changes.evaluate_again", record_id=postponed.change_id, at__gt=T0 + timedelta(days=1)
    ).exists()
    assert not Budget.objects.exclude(state=F("announced_state")).exists()
    assert Entry.objects.filter(event="budget.state_changed", changes__state__1="exhausted").count() == 4


def test_a_receiver_that_cannot_tell_beforehand_hears_of_every_one():
    objectives = [an_objective() for _ in range(3)]
    heard: list[int] = []
    with listening(lambda news: heard.append(news.record.pk)):
        Budget.objects.update(announced_state="")
        announce_changes(actor=EVALUATOR)
    assert heard == [one.pk for one in objectives]


def test_what_was_told_when_somebody_fails_is_told_once_and_the_rest_stays_owed():
    first, second, third = (an_objective() for _ in range(3))
    Budget.objects.update(announced_state="")
    known = set(Entry.objects.values_list("pk", flat=True))

    def told() -> list[int]:
        return sorted(
            Entry.objects.filter(event="budget.state_changed").exclude(pk__in=known).values_list("record_id", flat=True)
        )

    def fail(news: RecordEvent) -> None:
        raise RuntimeError("Died here.")

    def only_the_second(news: list[RecordEvent]) -> list[RecordEvent]:
        return [one for one in news if one.record.pk == second.pk]

    with listening(fail, acts_on=only_the_second), pytest.raises(RuntimeError):
        announce_changes(actor=EVALUATOR)
    assert told() == [first.pk, third.pk]
    assert Budget.objects.exclude(state=F("announced_state")).get().pk == second.pk
    for _ in range(2):
        announce_changes(actor=EVALUATOR)
    assert told() == [first.pk, second.pk, third.pk]


def test_a_hundred_take_as_many_statements_as_ten():
    for _ in range(10):
        an_objective()
    few = statements()
    for _ in range(20):
        an_objective()
    assert statements() == few


def statements() -> int:
    Budget.objects.update(announced_state="")
    with CaptureQueriesContext(connection) as asked:
        announce_changes(actor=EVALUATOR)
    return len(asked)


@contextmanager
def listening(work: Callable[[RecordEvent], None], **acts_on: Any) -> Iterator[None]:
    def listen(sender: object, news: RecordEvent, **_: object) -> None:
        work(news)

    record_changed.connect(listen, sender=Budget, **acts_on)
    try:
        yield
    finally:
        record_changed.disconnect(listen, sender=Budget)


def test_who_no_longer_listens_acts_on_nothing() -> None:
    with listening(lambda news: None):
        pass
    with listening(lambda news: None, acts_on=lambda news: []):
        pass
    budget = an_objective().budget
    assert record_changed.acted_on([RecordEvent(budget, "budget.tested", EVALUATOR)]) == []
