"""What goes wrong with one incident or one recurrence keeps none of those after it waiting."""

from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from incidents.problem import operations
from incidents.problem.models import Broadcast, BroadcastDelivery, Problem
from incidents.problem.operations import broadcasting, recurring
from incidents.problem.operations.telling import tell_of_proposal
from itsm.kernel.actors import Actor
from tests.factories.slo import a_service
from tests.incidents.problem.test_broadcast import notes, with_waiting
from tests.incidents.problem.test_recurrence import opened

pytestmark = pytest.mark.django_db
ODD_ROWS = True  # they are what this is about


def test_who_cannot_be_told_stays_owed_and_those_after_are_told(
    agent: Any, as_actor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor, settle = as_actor(agent), broadcasting.settle
    problem, (odd, other) = with_waiting(actor, 2)
    operations.broadcast(problem, actor=actor)

    def strange(row: BroadcastDelivery, said: Broadcast, at: datetime) -> None:
        settle(row, said, at)
        if row.incident_id == odd.pk:
            raise RuntimeError

    monkeypatch.setattr(broadcasting, "settle", strange)
    assert operations.tell_owed(timezone.now()) == 1
    assert notes() == [(other.pk, True)], "what failed is undone whole"
    monkeypatch.undo()
    assert operations.tell_owed(timezone.now()) == 1
    assert notes() == [(odd.pk, True), (other.pk, True)]


def test_what_recurs_elsewhere_is_proposed_after_one_that_cannot_be(monkeypatch: pytest.MonkeyPatch) -> None:
    odd, other = a_service(), a_service()
    for service in (odd, other):
        opened(service, *["Checkout returns 502"] * 3)
    tell = tell_of_proposal

    def strange(problem: Problem, actor: Actor) -> None:
        tell(problem, actor)
        if problem.service == odd:
            raise RuntimeError

    monkeypatch.setattr(recurring, "tell_of_proposal", strange)
    assert operations.find_recurrence(timezone.now()) == 1
    assert [one.service for one in Problem.objects.all()] == [other]
    monkeypatch.undo()
    assert operations.find_recurrence(timezone.now()) == 1
