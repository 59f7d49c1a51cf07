"""Many at once, on real connections: shares are never more than the whole, nobody draws more than their own.

The mutants without the locks are run by the same code and must be seen to go too far: so these tests can fail.
"""

import threading
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum

from changes.allowances import operations
from changes.allowances.operations import giving
from changes.models import Allowance, AllowanceEntry, Evaluation
from itsm.kernel.errors import InvalidInput
from tests.changes.change.test_race import PATIENCE, ROUNDS, at_once, unlocked
from tests.factories.allowances import acting, an_agent, given
from tests.factories.changes import a_measured_service, a_model, ask
from tests.factories.slo import T0
from tests.itsm.rivals import rivals

pytestmark = pytest.mark.django_db(transaction=True)
FIFTH = Decimal("0.2")


def eight_give(service, agents, actor):
    """Of eight who each give a fifth, five find room."""
    words = {"actor": actor, "service": service, "share": FIFTH, "at": T0}
    found = at_once([lambda one=one: operations.give(agent=one, **words) for one in agents])
    shared = Allowance.objects.standing().filter(service=service).aggregate(all=Sum("share"))["all"]
    return shared, sum(isinstance(one, InvalidInput) for one in found)


def test_shares_that_are_given_at_once_are_never_more_than_the_whole(engineer, managing, monkeypatch):
    agents = [an_agent(engineer, f"agent-{number}") for number in range(8)]
    for number in ROUNDS:
        assert eight_give(a_measured_service(slug=f"s{number}"), agents, managing) == (1, 3)

    together, room = threading.Barrier(8), giving._require_room

    def room_together(*words):
        room(*words)
        together.wait(PATIENCE)

    monkeypatch.setattr(giving, "hold_shares", lambda service_id: None)
    monkeypatch.setattr(giving, "_require_room", room_together)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE changes_allowance DISABLE TRIGGER changes_allowance_never_more_than_the_whole")
    try:
        assert eight_give(a_measured_service(slug="mutant"), agents, managing) == (8 * FIFTH, 0)
    finally:
        Allowance.objects.filter(service__slug="mutant").update(ended_at=T0, ended_by=managing.id)
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE changes_allowance ENABLE TRIGGER changes_allowance_never_more_than_the_whole")


def test_the_database_adds_up_what_others_have_not_committed_yet(engineer, managing):
    service = a_measured_service()
    words = {"service": service, "given_by_id": managing.id, "given_at": T0, "share": Decimal("0.6"), "left": 0}
    first, second = an_agent(engineer, "first"), an_agent(engineer, "second")
    with rivals() as begin:
        with transaction.atomic():
            Allowance.objects.create(agent=first, **words)
            rival = begin(lambda: Allowance.objects.create(agent=second, **words))
            assert rival.waits()
        with pytest.raises(IntegrityError, match="more than its whole"):
            rival.result()


def eight_draw(service, actor):
    """What was approved of eight, and what they then have at stake together."""
    at_once([lambda: ask(service, actor, change_class="standard") for _ in range(8)])
    approved = Evaluation.objects.filter(change__service=service, outcome="approved").count()
    drawn = AllowanceEntry.objects.filter(allowance__service=service, what="drawn").aggregate(all=Sum("amount"))["all"]
    return approved, drawn


def a_service_of(agent, owning, managing, slug):
    """Of its 90 % of headroom the agent may have 7.2 % at stake: three changes of 2 %."""
    service = a_measured_service(slug=slug)
    a_model(service, owning, rollback_tested=True)
    given(service, agent, managing, "0.08")
    return service


@pytest.mark.writes_behind("I7")  # without its locks more is drawn than there is
def test_changes_that_are_asked_at_once_draw_no_more_than_is_left(engineer, owning, managing, monkeypatch):
    agent = an_agent(engineer)
    for number in ROUNDS:
        service = a_service_of(agent, owning, managing, f"s{number}")
        assert eight_draw(service, acting(agent)) == (3, Decimal("0.06"))
    service = a_service_of(agent, owning, managing, "mutant")
    with unlocked(monkeypatch):
        assert eight_draw(service, acting(agent)) == (8, Decimal("0.16"))
