"""An incident that cannot be told keeps no other one waiting for the words of a problem."""

from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from incidents.problem import operations
from incidents.problem.models import Broadcast, BroadcastDelivery
from incidents.problem.operations import broadcasting
from tests.incidents.problem.test_broadcast import notes, with_waiting

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
