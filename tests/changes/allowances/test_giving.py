"""Who gives, changes and takes back allowances, within the whole of a service's headroom."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from changes.allowances import operations
from changes.models import Allowance, AllowanceEntry
from itsm.kernel.actors import Kind
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, WrongState
from tests.factories.allowances import acting, an_agent, given
from tests.factories.changes import a_measured_service, a_model, ask
from tests.factories.slo import T0
from tests.together import each_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def service(payments):
    return a_measured_service(team=payments)


@pytest.fixture
def agent(engineer):
    return an_agent(engineer)


def change(allowance, actor, share):
    return operations.change_share(allowance, actor=actor, share=Decimal(share), version=allowance.version, at=T0)


def end(allowance, actor):
    return operations.take_back(allowance, actor=actor, version=allowance.version, at=T0)


def ledger(allowance):
    return [(one.what, one.amount, one.left) for one in allowance.entries.order_by("id")]


def test_what_is_given_changed_and_taken_back_stands_in_the_ledger(service, agent, managing):
    allowance = change(given(service, agent, managing, "0.2"), managing, "0.5")
    allowance = end(change(allowance, managing, "0.1"), managing)
    assert (allowance.share, allowance.left) == (Decimal("0.1"), Decimal("0.1"))
    assert ledger(allowance) == [
        ("given", Decimal("0.2"), Decimal("0.2")),
        ("changed", Decimal("0.3"), Decimal("0.5")),
        ("changed", Decimal("-0.4"), Decimal("0.1")),
        ("taken_back", Decimal("-0.1"), Decimal("0.1")),
    ]
    with pytest.raises(WrongState):
        change(allowance, managing, "0.2")
    with pytest.raises(WrongState):
        end(allowance, managing)


def test_more_share_gives_nothing_back_that_failures_took(service, agent, managing):
    allowance = given(service, agent, managing, "0.4")
    Allowance.objects.filter(pk=allowance.pk).update(left=Decimal("0.1"))
    allowance.refresh_from_db()
    assert change(allowance, managing, "0.5").left == Decimal("0.2")


@each_of("share", ["0", "-0.1", "1.000001", "0.0000001", "NaN"])
def test_a_share_is_above_nothing_and_at_most_the_whole(service, agent, managing, share):
    with pytest.raises(InvalidInput):
        given(service, agent, managing, share)


def test_all_shares_of_a_service_are_at_most_the_whole(service, agent, engineer, managing):
    other = an_agent(engineer, "another-agent")
    first = given(service, agent, managing, "0.6")
    with pytest.raises(InvalidInput, match=r"at most 40\.0"):
        given(service, other, managing, "0.400001")
    second = given(service, other, managing, "0.4")
    with pytest.raises(InvalidInput):
        change(second, managing, "0.400001")
    end(first, managing)
    assert change(second, managing, "1").share == 1
    given(a_measured_service(slug="ledger"), agent, managing, "1")  # of another service nothing was given yet


def test_the_database_adds_shares_up_whoever_writes(service, agent, engineer, managing):
    given(service, agent, managing, "0.6")
    other = an_agent(engineer, "another-agent")
    words = {"service": service, "agent": other, "given_by_id": managing.id, "given_at": T0}
    for share in ("0.5", "0.400001"):
        with pytest.raises(IntegrityError, match="more than its whole"), transaction.atomic():
            Allowance.objects.create(**words, share=Decimal(share), left=0)
    late = Allowance.objects.create(**words, share=Decimal("0.4"), left=0)
    with pytest.raises(IntegrityError, match="more than its whole"), transaction.atomic():
        Allowance.objects.filter(pk=late.pk).update(share=Decimal("0.400001"))


def test_one_holder_has_one_allowance_of_a_service(service, agent, engineer, payments, managing):
    given(service, agent, managing, "0.1")
    with pytest.raises(Conflict):
        given(service, agent, managing, "0.1")
    for nobody in ({}, {"agent": agent, "team": payments}, {"agent": engineer}):
        with pytest.raises(InvalidInput):
            operations.give(actor=managing, service=service, share=Decimal("0.1"), at=T0, **nobody)


def test_owners_of_the_service_and_managers_give_in_person(service, agent, owner, engineer, as_actor, person, pipeline):
    for nobody in (as_actor(engineer), as_actor(pipeline), acting(agent), as_actor(person("owner", username="afar"))):
        with pytest.raises(NotPermitted):
            given(service, agent, nobody)
    assert acting(agent).kind is Kind.AGENT
    service.team.memberships.create(user=owner)
    assert given(service, agent, as_actor(owner)).given_by == owner


def test_nobody_gives_to_an_agent_of_their_own(service, manager, managing):
    mine = an_agent(manager)
    with pytest.raises(NotPermitted, match="acts for"):
        given(service, mine, managing)


def test_who_has_a_stake_gives_and_raises_nothing_but_tightens(
    service, agent, owning, owner, manager, managing, payments
):
    a_model(service, owning)
    allowance = given(service, agent, managing, "0.2")
    whole = given(service, payments, managing, "0.2")
    ask(service, managing)  # now the manager wants a change of it
    for widening in (
        lambda: given(service, an_agent(owner, "fresh"), managing, "0.1"),
        lambda: change(allowance, managing, "0.3"),
        lambda: end(whole, managing),  # a team without one is judged as everybody
    ):
        with pytest.raises(NotPermitted, match="has an interest"):
            widening()
    assert change(whole, managing, "0.1").share == Decimal("0.1")
    assert end(change(allowance, managing, "0.1"), managing).ended_at == T0


def test_the_ledger_only_grows(service, agent, managing):
    given(service, agent, managing)
    with pytest.raises(Exception, match="only grows"), transaction.atomic():
        AllowanceEntry.objects.update(amount=0)
