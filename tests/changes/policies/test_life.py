"""The life of a policy: a draft is whole, another person approves it, and only then it rules; one at a time."""

import pytest
from django.db import DatabaseError, transaction

from changes.gate.policy import policy_to_json
from changes.gate.policy_default import default_policy
from changes.models import GatePolicy, PolicyActivation
from changes.policies import operations as policies
from changes.policies import queries
from changes.policies.queries.grid import writers
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, StaleVersion, WrongState
from tests.changes.back_tests.past import a_kinder_draft, kinder
from tests.factories.changes import a_measured_service, ask
from tests.factories.slo import T0

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(admin, as_actor):
    return as_actor(admin)


def test_a_draft_comes_to_rule(asker, managing, second):
    before = policies.ruling(T0)
    draft = a_kinder_draft(managing)
    proposed = policies.propose_draft(draft, actor=managing, at=T0)
    assert (proposed.status, proposed.frozen.number) == ("proposed", 2)
    approved = policies.approve(proposed, actor=second, at=T0, comment="Read")
    assert approved.status == "approved"
    assert queries.ruling() == before  # approved alone it rules nothing
    ruled = policies.activate(approved, actor=managing, at=T0)
    assert queries.ruling() == ruled.frozen
    assert dict(GatePolicy.objects.values_list("frozen__number", "status")) == {1: "superseded", 2: "ruling"}
    assert ask(a_measured_service(), asker).outcome == "approved"


def test_nobody_approves_what_they_wrote_or_proposed(managing, second, manager, person, as_actor):
    draft = policies.start_draft(actor=second, title="By another", at=T0)
    with pytest.raises(Conflict, match="Nobody may approve it"):
        policies.propose_draft(draft, actor=managing, at=T0)
    draft.refresh_from_db()
    assert (draft.status, draft.frozen) == ("draft", None)
    third = as_actor(person("manager", username="third"))
    proposed = policies.propose_draft(draft, actor=managing, at=T0)
    for one in (managing, second):
        with pytest.raises(NotPermitted):
            policies.approve(proposed, actor=one, at=T0)
    assert policies.approve(proposed, actor=third, at=T0).status == "approved"


def test_who_wrote_a_part_does_not_approve_it_whoever_edited_last(managing, second, person, as_actor):
    third, fourth = (as_actor(person("manager", username=name)) for name in ("third", "fourth"))
    draft = a_kinder_draft(managing)
    edited = policies.edit_draft(draft, actor=third, version=draft.version, content=policy_to_json(default_policy()))
    renamed = policies.edit_draft(edited, actor=second, version=edited.version, title="Other words")
    proposed = policies.propose_draft(renamed, actor=second, at=T0)
    for one in (managing, third, second):
        with pytest.raises(NotPermitted):
            policies.approve(proposed, actor=one, at=T0)
    assert policies.approve(proposed, actor=fourth, at=T0).status == "approved"
    assert {one.pk for one in writers(proposed)} == {managing.id, third.id, second.id}  # the page names them all


def test_declined_it_is_a_draft_again_and_gets_another_number(managing, second):
    proposed = policies.propose_draft(a_kinder_draft(managing), actor=managing, at=T0)
    back = policies.decline(proposed, actor=second, at=T0, comment="Too kind")
    assert (back.status, back.frozen) == ("draft", None)
    assert policies.propose_draft(back, actor=managing, at=T0).frozen.number == 3


def test_taken_back_its_approval_is_worth_nothing(managing, second):
    before = policies.ruling(T0)
    proposed = policies.propose_draft(a_kinder_draft(managing), actor=managing, at=T0)
    approved = policies.approve(proposed, actor=second, at=T0)
    back = policies.withdraw(approved, actor=managing, at=T0)
    edited = policies.edit_draft(back, actor=managing, version=back.version, content=policy_to_json(default_policy()))
    with pytest.raises(WrongState):
        policies.activate(edited, actor=managing, at=T0)
    again = policies.propose_draft(edited, actor=managing, at=T0)
    with pytest.raises(WrongState):
        policies.activate(again, actor=managing, at=T0)
    assert queries.ruling() == before


def test_who_waits_for_an_answer_lets_no_policy_rule(managing, second):
    proposed = policies.propose_draft(a_kinder_draft(managing), actor=managing, at=T0)
    ask(a_measured_service("watch"), managing)
    approved = policies.approve(proposed, actor=second, at=T0)
    with pytest.raises(NotPermitted, match="let a policy rule"):
        policies.activate(approved, actor=managing, at=T0)
    assert policies.activate(approved, actor=second, at=T0).status == "ruling"


def test_what_is_asked_about_is_not_edited(managing, second):
    proposed = policies.propose_draft(a_kinder_draft(managing), actor=managing, at=T0)
    with pytest.raises(WrongState, match="no draft"):
        policies.edit_draft(proposed, actor=managing, version=proposed.version, content=kinder())
    with pytest.raises(DatabaseError, match="while it is a draft"), transaction.atomic():
        GatePolicy.objects.filter(pk=proposed.pk).update(content={})


def test_two_never_rule_at_once(managing):
    policies.ruling(T0)
    draft = a_kinder_draft(managing)
    with pytest.raises(DatabaseError), transaction.atomic():
        GatePolicy.objects.filter(pk=draft.pk).update(status="ruling")
    assert PolicyActivation.objects.count() == 1


def test_a_draft_with_a_hole_is_not_kept(managing):
    content = kinder()
    del content["table"]["emergency"]["freeze"]
    with pytest.raises(InvalidInput) as refused:
        policies.start_draft(actor=managing, title="Half", content=content, at=T0)
    assert refused.value.errors == {"content.table.emergency.freeze": ["table.emergency.freeze: undefined"]}
    draft = a_kinder_draft(managing)
    with pytest.raises(InvalidInput):
        policies.edit_draft(draft, actor=managing, version=draft.version, content=content)
    with pytest.raises(StaleVersion):
        policies.edit_draft(draft, actor=managing, version=draft.version + 1, title="Other")


def test_a_shadow_is_judged_as_it_stands(managing, owning):
    draft = a_kinder_draft(managing)
    with pytest.raises(NotPermitted):
        policies.begin_shadow(draft, actor=owning, version=draft.version, at=T0)
    shadow = policies.begin_shadow(draft, actor=managing, version=draft.version, at=T0)
    with pytest.raises(WrongState, match="shadow"):
        policies.edit_draft(shadow, actor=managing, version=shadow.version, title="Other")
    rules = GatePolicy.objects.get(status="ruling")
    with pytest.raises(WrongState):
        policies.begin_shadow(rules, actor=managing, version=rules.version, at=T0)
    for number in range(2):
        another = policies.start_draft(actor=managing, title=f"Draft {number}", at=T0)
        policies.begin_shadow(another, actor=managing, version=another.version, at=T0)
    fourth = policies.start_draft(actor=managing, title="One too many", at=T0)
    with pytest.raises(Conflict):
        policies.begin_shadow(fourth, actor=managing, version=fourth.version, at=T0)
    ended = policies.end_shadow(shadow, actor=managing, version=shadow.version)
    assert ended.shadow_since is None


def test_over_rest_a_file_becomes_a_draft_and_comes_back(api, manager):
    client = api(manager)
    file = client.post("/api/v1/policies/", {"title": "From what rules"}, format="json")
    assert file.status_code == 201, file.content
    where = file["Location"]
    text = client.get(where, HTTP_ACCEPT="application/yaml")
    assert text["Content-Type"].startswith("application/yaml")
    holed = text.content.decode().replace("    no_data:", "    no_dta:", 1)
    refused = client.generic("POST", "/api/v1/policies/", holed.encode(), "application/yaml")
    assert refused.status_code == 400
    (told,) = refused.json()["errors"]
    assert told["detail"].startswith("line ")
    assert "no_d" in told["detail"]
    again = client.generic("POST", "/api/v1/policies/", text.content, "application/yaml")
    assert again.status_code == 201, again.content
    assert again.json()["content"] == file.json()["content"]
