"""The questionnaire from end to end: written in a draft, ruling by another person, asked, answered, decided by."""

import json
from dataclasses import replace
from html import unescape

import pytest
from django.utils import timezone

from changes.change.operations.answering import answer_questions
from changes.change.operations.editing import edit
from changes.change.operations.people_decide import revert
from changes.gate.policy import policy_from_json, policy_to_json
from changes.gate.policy_default import default_policy
from changes.models import Evaluation, GatePolicy
from changes.policies import operations as policies
from changes.policies.formats.policy_files import policy_from_text, policy_to_text
from itsm.kernel.errors import InvalidInput, MissingInformation
from tests.api.world import browser
from tests.changes.gate.test_questionnaire import ASKS
from tests.changes.scene import asked, measured_service

pytestmark = pytest.mark.django_db
LIGHT = {"migrates": "no", "routes": "no"}


@pytest.fixture
def asks(managing, admin, as_actor):
    """It rules, by the approval of another person."""
    now = timezone.now()
    content = policy_to_json(replace(default_policy(version=2), questionnaire=ASKS))
    draft = policies.start_draft(actor=managing, title="Ask about migrations", content=content, at=now)
    policies.propose_draft(draft, actor=managing, at=now)
    policies.approve(draft, actor=as_actor(admin), at=now)
    return policies.activate(draft, actor=managing, at=now)


def _engine(evaluation):
    said = json.loads(json.dumps(evaluation.decision.verdict))
    return next(one for one in said["contributions"] if one["engine"] == "questionnaire")


def test_a_question_that_is_open_leads_to_people_until_it_is_answered(asks, engineer):
    service, _objective = measured_service()
    open_one = asked(service, engineer)
    assert not _engine(open_one)["known"]
    change = open_one.change
    page = browser(engineer)
    shown = unescape(page.get(change.get_absolute_url()).content.decode())
    assert "Nobody answered what the policy asks" in shown
    assert f"/changes/{change.reference}/questions/" in shown
    where = f"/changes/{change.reference}/questions/"
    form = unescape(page.get(where).content.decode())
    assert "Does it migrate a schema?" in form
    assert "What was asked or authorised ends" in form
    assert "Can the migration be taken back?" not in form  # asked only where it migrates
    more = unescape(page.get(where, {"answer_migrates": "yes"}, headers={"HX-Request": "true"}).content.decode())
    assert "Can the migration be taken back?" in more
    change.refresh_from_db()
    sent = {"version": change.version, "answer_migrates": "no", "answer_routes": "no", "answer_goes_back": "no"}
    assert page.post(where, sent).status_code == 302
    newest = change.evaluations.order_by("-asked_at").first()
    assert _engine(newest) | {"values": {}} == {
        "engine": "questionnaire", "risk": "low", "counted": True, "known": True, "score": "0", "medium_from": "10",
        "high_from": "20", "values": {},
    }  # fmt: skip
    told = newest.decision.evidence["change"]
    assert (told["answers"], told["answered"]) == (LIGHT, "default v2")
    open_one.refresh_from_db()
    assert open_one.status == Evaluation.Status.CANCELLED


def test_what_is_not_asked_is_no_answer(asks, engineer, as_actor):
    service, _objective = measured_service()
    for answers, field in (
        ({"migrates": "no", "goes_back": "no"}, "answers.goes_back"),
        ({"who": "me"}, "answers.who"),
        ({"migrates": "maybe"}, "answers.migrates"),
    ):
        with pytest.raises(InvalidInput) as refused:
            asked(service, engineer, answers=answers)
        assert set(refused.value.errors) == {field}
    heavy = asked(service, engineer, answers={"migrates": "yes", "goes_back": "no", "routes": "no"})
    assert (heavy.change.risk, heavy.outcome) == ("high", "cab")
    kinder = answer_questions(
        heavy.change, actor=as_actor(engineer), version=heavy.change.version, answers=LIGHT, at=timezone.now()
    )
    assert kinder.outcome != "cab"


def test_a_draft_without_a_way_back_is_not_asked_about_by_answering_either(asks, engineer, as_actor):
    service, _objective = measured_service()
    change = asked(service, engineer, answers=LIGHT).change
    change = revert(change, actor=as_actor(engineer), at=timezone.now())
    words = {"backout": "", "no_backout_because": ""}
    change = edit(change, actor=as_actor(engineer), version=change.version, at=timezone.now(), **words)
    with pytest.raises(MissingInformation, match="how to get back"):
        answer_questions(change, actor=as_actor(engineer), version=change.version, answers=LIGHT, at=timezone.now())


def test_a_draft_is_written_in_the_editor_and_a_hole_is_shown(managing, manager):
    draft = policies.start_draft(actor=managing, title="Ask", at=timezone.now())
    page, where = browser(manager), f"/changes/policies/{draft.pk}/questions/"
    assert "Another question" in page.get(where).content.decode()
    sent = {
        "version": draft.version, "medium_from": "5", "high_from": "9",
        "q0-name": "migrates", "q0-text": "Does it migrate?", "q0-when": "production: yes",
        "q0a0-name": "yes", "q0a0-text": "Yes", "q0a0-weight": "8", "q0a1-name": "no", "q0a1-text": "No, it does not",
    }  # fmt: skip
    hole = page.post(where, sent)
    assert hole.status_code == 400
    told = unescape(hole.content.decode())
    assert "A whole number is missing here." in told
    assert "No, it does not" in told  # nothing typed is lost
    assert page.post(where, sent | {"q0a1-weight": "0"}).status_code == 302
    draft.refresh_from_db()
    kept = draft.content["questionnaire"]
    assert kept["questions"][0]["asked_when"] == {"production": ["yes"]}
    assert policy_from_text(policy_to_text(draft.content)) == policy_from_json(draft.content)
    tried = unescape(page.get(f"{where}try/", {"try-migrates": "yes"}).content.decode())
    assert "8: medium risk" in tried
    emptied = {"version": draft.version, "medium_from": "5", "high_from": "9"}
    assert page.post(where, emptied).status_code == 302
    assert "questionnaire" not in GatePolicy.objects.get(pk=draft.pk).content


def test_where_nothing_is_asked_nothing_is_said_to_end(engineer):
    service, _objective = measured_service()
    change = asked(service, engineer).change
    form = unescape(browser(engineer).get(f"/changes/{change.reference}/questions/").content.decode())
    assert "asks nothing about this change" in form
    assert "What was asked or authorised ends" not in form
