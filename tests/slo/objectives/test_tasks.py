"""The minute's work: run twice, at once, or late, it does no harm."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from incidents.models import Incident
from itsm.audit.models import Entry
from slo.measuring import tasks as measuring_tasks
from slo.models import Budget, BurnAlert
from slo.objectives import operations, tasks
from slo.objectives.operations import state_changes
from tests.factories.slo import MEASURER, MINUTE, T0, an_indicator, an_objective, measured, steady


@pytest.mark.django_db
def test_the_minute_evaluates_every_budget_as_of_now() -> None:
    objective = an_objective()
    now = timezone.now().replace(second=0, microsecond=0)
    measured(objective.indicator, steady(now, 100), now)
    assert tasks.evaluate_all() == 1
    assert Budget.objects.get().watermark == now
    assert tasks.evaluate_all() == 1
    assert measuring_tasks.forget_old_hours() == 0


@pytest.mark.django_db
def test_one_pull_is_asked_for_per_data_source(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(measuring_tasks.pull_one, "apply_async", lambda arguments, **_: asked.extend(arguments))
    an_indicator()
    fields = {"source": "prometheus", "server_url": "http://p", "total_query": "b"}
    first, second = (an_indicator(good_query=query, **fields) for query in "ac")
    assert first.data_source == second.data_source
    assert measuring_tasks.pull_all() == 1
    assert asked == [first.data_source_id]
    assert measuring_tasks.pull_one(0) == 0


@pytest.mark.django_db(transaction=True)
def test_beats_at_once_announce_once_and_open_one_incident() -> None:
    objectives = [an_objective() for _ in range(3)]
    for objective in objectives:
        measured(objective.indicator, steady(T0, 60, bad=500), T0)

    def beat(_: int) -> int:
        try:
            return operations.evaluate(at=T0 + MINUTE)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as beats:
        assert set(beats.map(beat, range(8))) == {3}
    assert BurnAlert.objects.count() == Incident.objects.count() == 3
    changed = Entry.objects.filter(event="budget.state_changed").order_by("id")
    assert [entry.changes["state"] for entry in changed[3:]] == [["not_yet_measured", "burning_fast"]] * 3


@pytest.mark.django_db
def test_news_that_a_listener_refuses_stays_owed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash between evaluating and announcing is made good by the next beat."""
    objective = an_objective()
    measured(objective.indicator, steady(T0, 60), T0)

    def crash(*_: Any, **__: Any) -> None:
        raise RuntimeError("The worker died here.")

    with monkeypatch.context() as broken:
        broken.setattr("itsm.lifecycle.record_event", crash)
        with pytest.raises(RuntimeError):
            operations.evaluate(at=T0)
    budget = Budget.objects.get()
    assert (budget.state, budget.announced_state) == ("low_confidence", "not_yet_measured")
    operations.evaluate(at=T0)
    assert Budget.objects.get().announced_state == "low_confidence"


@pytest.mark.django_db
def test_who_comes_second_with_the_same_news_says_nothing() -> None:
    """Two beats read the same owed news; only the first to claim it is heard."""
    objective = an_objective()
    Budget.objects.update(announced_state="healthy")
    first, second = Budget.objects.get(), Budget.objects.get()
    assert state_changes.announce(first, actor=MEASURER)
    assert not state_changes.announce(second, actor=MEASURER)
    told = Entry.objects.filter(record_kind="budget", record_id=objective.pk).order_by("id")
    assert [entry.changes["state"] for entry in told] == [[None, "not_yet_measured"], ["healthy", "not_yet_measured"]]
