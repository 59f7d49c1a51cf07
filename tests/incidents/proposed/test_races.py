"""Two who decide the same at once, and an agent that proposes in two calls at once."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from incidents.incident import operations as incidents
from incidents.models import Incident
from itsm.accounts.models import User
from itsm.agents.acting import Call
from itsm.kernel.actors import Actor
from itsm.kernel.errors import WrongState
from itsm.proposals import operations
from itsm.proposals.models import Proposal
from tests.itsm.rivals import rivals

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_accept_at_once_and_one_of_them_is_told(
    incident: Incident, agent: User, engineer: User, proposed: Callable[..., Proposal], as_actor: Callable[..., Actor]
) -> None:
    made, now = proposed(priority=1), timezone.now()
    mine, theirs = as_actor(agent), as_actor(engineer)
    with rivals() as begin:
        with transaction.atomic():
            operations.accept(made, actor=mine, at=now)
            other = begin(lambda: operations.accept(made, actor=theirs, at=now, values={"priority": 4}))
            assert other.waits()
        with pytest.raises(WrongState, match="agent"):
            other.result()
    incident.refresh_from_db()
    assert (incident.priority, incident.version) == (1, 2)
    assert made.parts.get().decided_by == agent


def test_the_record_moves_while_it_is_accepted(
    incident: Incident, agent: User, engineer: User, proposed: Callable[..., Proposal], as_actor: Callable[..., Actor]
) -> None:
    made, now = proposed(priority=1), timezone.now()
    mine, theirs = as_actor(agent), as_actor(engineer)
    with rivals() as begin:
        with transaction.atomic():
            incidents.edit(incident, actor=theirs, version=incident.version, priority=4)
            late = begin(lambda: operations.accept(made, actor=mine, at=now))
            assert late.waits()
        with pytest.raises(operations.Overtaken, match="P4"):
            late.result()
    incident.refresh_from_db()
    assert incident.priority == 4
    assert made.parts.get().state == "overtaken"


def test_the_same_in_two_calls_at_once_is_one(incident: Incident, call: Call, proposed: Any) -> None:
    with rivals() as begin:
        with transaction.atomic():
            first = proposed(priority=1)
            again = begin(lambda: proposed(priority=1))
            assert again.waits()
        assert again.result() == first
    assert Proposal.objects.count() == 1
