"""A software agent decides and vouches for nothing, and counts as its owner: neither lets their own change go."""

from dataclasses import replace

import pytest

from changes.change.operations import attesting, people_decide
from changes.change.operations.overriding import ask_override
from changes.models import Attestation, Attestor, Change, Evaluation
from itsm.accounts.actors import actor_for
from itsm.agents.acting import call_of
from itsm.kernel.actors import Door
from itsm.kernel.errors import DomainError, InvalidInput, NotPermitted
from slo.measuring.operations import name_measurers
from tests.changes.change.agents.conftest import ALL, an_agent
from tests.factories.changes import a_measured_service, an_artifact, ask, attested
from tests.factories.slo import MINUTE, T0, an_indicator, an_objective

pytestmark = pytest.mark.django_db
DIGEST = an_artifact("its own")


@pytest.fixture
def chief(person, payments):
    """Somebody with every role, and an agent of theirs."""
    someone = person("engineer", payments, username="chief")
    someone.roles = ["engineer", "approver", "owner", "manager"]
    someone.save(update_fields=["roles"])
    return someone


@pytest.fixture
def theirs(chief):
    return an_agent(chief, "chiefs-agent")


@pytest.fixture
def asked(chief, theirs, payments):
    """Their agent asked, and people decide."""
    service = a_measured_service("healthy", team=payments)
    return ask(service, call_of(theirs, chief, ALL, at=T0).actor, artifact_digest=DIGEST)


def test_neither_the_agent_nor_its_owner_nor_another_agent_of_theirs_approves(asked, chief, theirs):
    others = an_agent(chief, "second-agent")
    owner = replace(actor_for(chief, Door.WEB), proved_at=T0)
    for actor in (owner, *(call_of(one, chief, ALL, at=T0).actor for one in (theirs, others))):
        with pytest.raises(DomainError):
            people_decide.decide_by_person(asked.change, actor=actor, decision="approve", comment="Fine.", at=T0)
    assert Evaluation.objects.get().status == "pending"


def test_no_agent_of_anybody_approves_declines_or_overrides(asked, approver, manager):
    for number, owner in enumerate((approver, manager)):
        actor = call_of(an_agent(owner, f"agent-{number}"), owner, ALL, at=T0).actor
        for decision in ("approve", "decline"):
            with pytest.raises(NotPermitted):
                people_decide.decide_by_person(asked.change, actor=actor, decision=decision, comment="So.", at=T0)
        with pytest.raises(NotPermitted):
            ask_override(asked, actor=actor, reason="It cannot wait any longer.", second_person=manager, at=T0)
    assert Evaluation.objects.get().status == "pending"


def test_the_word_of_its_owner_is_no_review_of_its_change(asked, chief, tool, theirs, approver):
    words = {"service": asked.change.service, "artifact_digest": DIGEST, "about": "peer_review", "source": "review",
             "at": T0, "passed": 1, "failed": 0}  # fmt: skip
    attesting.attest(actor=actor_for(chief, Door.WEB), **words)
    number, first, second = asked.change.reference, T0 + MINUTE, T0 + 2 * MINUTE
    tool("ask_gate", change=number, tests_passed=3, agent=theirs, at=first)
    assert "attested" not in {one.stands for one in tool("why", change=number, at=first).proof}
    attesting.attest(actor=actor_for(approver, Door.WEB), **words)
    tool("ask_gate", change=number, tests_passed=4, agent=theirs, at=second)
    stands = {one.about: one.stands for one in tool("why", change=number, at=second).proof}
    assert stands["peer_review"] == "attested"


def test_an_agent_attests_nothing_is_named_for_nothing_and_measures_nothing(asked, engineer, owner):
    service = asked.change.service
    strangers = an_agent(engineer, "strangers-agent")
    with pytest.raises(NotPermitted):
        attesting.attest(
            actor=call_of(strangers, engineer, ALL, at=T0).actor, service=service, artifact_digest=DIGEST,
            about="peer_review", source="review", at=T0, passed=1, failed=0,
        )  # fmt: skip
    with pytest.raises(InvalidInput, match="vouches for nothing"):
        attesting.name_attestor(
            actor=actor_for(owner, Door.WEB), service=a_measured_service("healthy"), about="peer_review",
            account=strangers.account, at=T0,
        )  # fmt: skip
    indicator = an_indicator()
    an_objective(indicator=indicator)
    with pytest.raises(InvalidInput, match="measures nothing"):
        name_measurers(indicator, actor=actor_for(owner, Door.WEB), accounts=[strangers.account], at=T0)


def test_even_a_word_of_an_agent_that_got_into_the_table_counts_for_nothing(asked, approver, manager, tool, theirs):
    """As if some other door had let it in, and somebody had named it."""
    strangers = an_agent(approver, "strangers-agent").account
    attested(asked.change.service, DIGEST, strangers)
    Attestor.objects.create(
        service=asked.change.service, about="peer_review", account=strangers, named_by=manager, named_at=T0
    )
    assert Attestation.objects.count() == 1
    later = T0 + MINUTE
    tool("ask_gate", change=asked.change.reference, tests_passed=3, agent=theirs, at=later)
    said = tool("why", change=Change.objects.get().reference, at=later)
    assert {one.about: one.stands for one in said.proof}["peer_review"] == "missing"
