"""What rules goes on ruling by the approval that it had: nobody moves it by whose an account is today."""

import pytest
from django.db import DatabaseError, transaction

from changes.gate.canonical import sha256_of
from changes.gate.policy import policy_to_json
from changes.gate.policy_default import default_policy
from changes.models import PolicyActivation, PolicyVersion
from changes.policies import operations as policies
from changes.policies import queries
from itsm.accounts import operations as accounts
from itsm.approvals import operations as approvals
from itsm.approvals.asked import Panel
from itsm.kernel.errors import Conflict
from tests.factories.slo import T0
from tests.itsm.rivals import rivals

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(person):
    return person("manager", username="second")


@pytest.fixture
def version(managing, second, as_actor):
    """It rules: the manager proposed it, the second one approved it."""
    policies.ruling(T0)
    proposed = policies.propose(policy_to_json(default_policy(version=2)), actor=managing, at=T0)
    return policies.decide(proposed, actor=as_actor(second), decision="approve", comment="Read.", at=T0)


def test_no_version_of_a_program_comes_to_rule_so_that_none_falls_with_who_owns_it(
    managing, manager, second, person, as_actor
):
    """Operations refuse it before; the database does as well."""
    before = policies.ruling(T0)
    program = person("engineer", username="bot", account_type="service", owner=manager)
    content = policy_to_json(default_policy(version=2))
    version = PolicyVersion.objects.create(
        slug="default", number=2, hash=sha256_of(content), content=content, proposed_at=T0, proposed_by=program
    )
    approvals.ask(
        version, Panel("change manager", "manager", excluded={program.pk}), content_hash=version.hash, at=T0,
        due_at=T0, subject="Policy",
    )  # fmt: skip
    settled = approvals.answer(
        version, actor=as_actor(second), decision="approve", comment="", content_hash=version.hash, at=T0
    )
    assert settled.status == "approved"
    with pytest.raises(DatabaseError, match="a policy rules by the approval of another person"), transaction.atomic():
        PolicyActivation.objects.create(version=version, answer=settled.answers.get(), at=T0)
    assert queries.ruling() == before


@pytest.mark.parametrize("goes_on", ["who approved", "who proposed"])
def test_who_proposed_what_rules_and_who_approved_it_are_not_made_one_person_while_it_rules(
    version, manager, second, admin, as_actor, goes_on
):
    """What ruled before could be kinder, and whoever keeps accounts may have a change of their own."""
    assert queries.ruling() == version
    old, new = (manager, second) if goes_on == "who approved" else (second, manager)
    before = accounts.merge_preview(old, into=new, actor=as_actor(admin))
    assert before.blocked.startswith("default v2 rules because one of them approved what the other proposed")
    with pytest.raises(Conflict, match=r"default v2 rules because one of them approved what the other proposed"):
        accounts.merge_people(old, into=new, actor=as_actor(admin))
    old.refresh_from_db()
    assert (old.is_active, old.merged_into, queries.ruling()) == (True, None, version)


def test_they_are_merged_once_another_version_rules(version, manager, second, admin, person, as_actor):
    third = as_actor(person("manager", username="third"))
    newer = policies.propose(policy_to_json(default_policy(version=3)), actor=as_actor(second), at=T0)
    policies.decide(newer, actor=third, decision="approve", comment="Read.", at=T0)
    assert accounts.merge_preview(manager, into=second, actor=as_actor(admin)).blocked == ""
    accounts.merge_people(manager, into=second, actor=as_actor(admin))
    assert queries.ruling() == newer


def test_they_are_not_merged_where_one_of_them_left(version, manager, second, admin, as_actor):
    accounts.deactivate(manager, actor=as_actor(admin))
    assert accounts.merge_preview(manager, into=second, actor=as_actor(admin)).blocked.startswith("default v2 rules")
    with pytest.raises(Conflict, match="default v2 rules"):
        accounts.merge_people(manager, into=second, actor=as_actor(admin))


def test_an_account_of_somebody_else_is_merged_into_either(version, second, admin, person, as_actor):
    accounts.merge_people(person("requester", username="second.old"), into=second, actor=as_actor(admin))
    assert queries.ruling() == version


@pytest.mark.django_db(transaction=True)
def test_they_are_not_merged_either_while_what_they_are_behind_comes_to_rule(
    managing, manager, second, admin, as_actor
):
    policies.ruling(T0)
    proposed = policies.propose(policy_to_json(default_policy(version=2)), actor=managing, at=T0)
    with rivals() as begin:
        with transaction.atomic():
            policies.decide(proposed, actor=as_actor(second), decision="approve", comment="Read.", at=T0)
            merge = begin(lambda: accounts.merge_people(manager, into=second, actor=as_actor(admin)))
            assert merge.waits()
        with pytest.raises(Conflict, match="default v2 rules"):
            merge.result()
    assert queries.ruling() == proposed
