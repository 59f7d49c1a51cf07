"""The page of a change says what has changed since somebody looked, who decides, and one story of why."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from changes.change.operations import asking, editing, evaluating
from changes.change.operations import people_decide as deciding
from changes.models import Evaluation
from incidents.incident import operations as incidents
from itsm.approvals.models import ApprovalRequest
from itsm.audit.models import Entry
from itsm.clocks.models import Due
from itsm.kernel.errors import Held, NotPermitted, WrongState
from tests.factories.changes import a_measured_service, a_model, an_artifact, ask, attested, change_of, restate, start

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def waiting(asker, approver, now):
    return ask(a_measured_service(at=now), asker, now)


def page_of(evaluation, browser):
    return browser.get(change_of(evaluation).get_absolute_url()).content.decode()


def step(evaluation, browser, action, **words):
    words = {"version": change_of(evaluation).version} | words
    return browser.post(f"/changes/{evaluation.change.reference}/{action}/", words, headers=HX)


def a_major(evaluation, managing):
    return incidents.open_incident(
        actor=managing, title="Down", service=evaluation.change.service, priority=1, major=True
    )


def test_nothing_has_changed(waiting, approver, web):
    page = page_of(waiting, web(approver))
    assert "Since the gate looked" in page
    assert "Nothing that decides has changed." in page
    assert "Judged now" not in page


def test_an_approver_sees_the_incident_before_they_approve_into_it(waiting, approver, managing, web):
    browser, before = web(approver), page_of(waiting, web(approver))
    incident = a_major(waiting, managing)
    page = page_of(waiting, browser)
    assert f"has a major incident since: {incident.reference}" in page
    assert "Judged now, the answer would be" in page
    old, new = (re.search(r'name="seen" value="(\w*)"', one) for one in (before, page))
    refused = step(waiting, browser, "approve", seen=old[1] if old else "")
    assert refused.status_code == 409
    assert incident.reference in refused.content.decode()
    assert step(waiting, browser, "approve", seen=new[1]).status_code == 204
    waiting.refresh_from_db()
    assert waiting.status == "approved"


def test_what_is_refused_comes_back_with_the_news_and_the_next_try_has_seen_it(waiting, approver, managing, web):
    browser = web(approver)
    a_major(waiting, managing)
    refused = step(waiting, browser, "approve", seen="", comment="sure")
    assert refused.status_code == 409
    back = refused.content.decode()
    assert "sure" in back
    seen = re.search(r'name="seen" value="(\w+)"', back)
    assert seen, "the dialog would be refused for ever"
    assert step(waiting, browser, "approve", seen=seen[1]).status_code == 204


def test_judging_again_is_one_click(waiting, approver, asker, web, now):
    restate(waiting.change.service, "exhausted", now)
    assert step(waiting, web(approver), "judge").status_code == 204
    waiting.refresh_from_db()
    assert (waiting.outcome, waiting.change.decisions.count()) == ("postponed", 2)
    assert Entry.objects.filter(event="change.sent_to_gate").count() == 1


def test_judging_again_over_rest_and_whatever_waits(owning, asker, pipeline, api, now):
    service = a_measured_service("exhausted", at=now)
    a_model(service, owning, at=now)
    evaluation = ask(service, asker, now, change_class="standard")
    restate(service, "healthy", now)
    said = api(pipeline).post(f"/api/v1/gate-evaluations/{evaluation.pk}/judge/", {}, format="json")
    assert (said.status_code, said.json()["status"], said.json()["allowed"]) == (200, "approved", True)
    again = api(pipeline).post(f"/api/v1/gate-evaluations/{evaluation.pk}/judge/", {}, format="json")
    assert again.status_code == 409


def test_judged_again_the_same_people_keep_what_they_answered_and_their_due_time(waiting, approving, managing, now):
    ApprovalRequest.objects.update(quorum=2)
    deciding.decide_by_person(waiting.change, actor=approving, decision="approve", comment="", at=now)
    before = list(Due.objects.values_list("name", "at"))
    ApprovalRequest.objects.update(quorum=1)  # as the policy says
    evaluating.evaluate_now(waiting.change, actor=managing, at=now)
    put = ApprovalRequest.objects.get()
    assert (put.status, put.answers.count()) == ("open", 1)
    assert list(Due.objects.values_list("name", "at")) == before


def test_who_has_no_part_in_it_does_not_have_it_judged(waiting, auditor, as_actor, now):
    with pytest.raises(NotPermitted):
        evaluating.evaluate_now(waiting.change, actor=as_actor(auditor), at=now)


def test_what_is_authorised_is_not_judged_again(waiting, approving, asker, now):
    deciding.decide_by_person(waiting.change, actor=approving, decision="approve", comment="", at=now)
    with pytest.raises(WrongState):
        evaluating.evaluate_now(waiting.change, actor=asker, at=now)


def test_still_is_one_key(waiting, approver, approving, asker, pipeline, managing, web, api, now):
    deciding.decide_by_person(waiting.change, actor=approving, decision="approve", comment="", at=now)
    incident = a_major(waiting, managing)
    with pytest.raises(Held):
        start(change_of(waiting), asker, now)
    browser = web(approver)
    page = page_of(waiting, browser)
    assert "Its start is held." in page
    assert incident.reference in page
    assert re.search(r'<button class="btn btn-primary" data-key="a" data-key-name="It may still go"', page)
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen
    assert step(waiting, browser, "still", seen=seen[1]).status_code == 204
    waiting.refresh_from_db()
    assert waiting.held is None
    assert "Its start is held." not in page_of(waiting, browser)
    said = api(pipeline).get(f"/api/v1/gate-evaluations/{waiting.pk}/").json()
    assert (said["allowed"], said["held_because"]) == (True, [])


def test_an_open_page_hears_that_the_start_is_held(waiting, approver, approving, asker, managing, web, now):
    deciding.decide_by_person(waiting.change, actor=approving, decision="approve", comment="", at=now)
    browser = web(approver)
    seen = re.search(r'hx-get="(/changes/[^"]+/news/[^"]+)"', page_of(waiting, browser))
    assert browser.get(seen[1], headers=HX).status_code == 204
    a_major(waiting, managing)
    with pytest.raises(Held):
        start(change_of(waiting), asker, now)
    assert browser.get(seen[1], headers=HX).status_code == 200


def test_who_decides_is_shown_by_name(person, approver, manager, as_actor, web, now):
    asking = person("engineer", username="eve")
    person("approver", username="ada")
    sleeper = person("approver", username="sam")
    type(asking).objects.filter(pk=asking.pk).update(roles=["engineer", "approver"])
    type(sleeper).objects.filter(pk=sleeper.pk).update(is_active=False)
    evaluation = ask(a_measured_service(at=now), as_actor(asking), now)
    page = " ".join(re.sub(r"<[^>]+>", "", page_of(evaluation, web(approver))).split())
    assert "2 of 4 may decide: ada, approver." in page
    assert "Excluded, for they asked for it, wrote it or carry it out: eve." in page
    assert "Away: sam." in page
    assert "May stand in: manager." in page


def test_what_decides_is_what_would_have_to_change(asker, owning, approver, web, api, pipeline, now):
    """A medium risk on a healthy budget: the mark stands on the risk, on the page and over REST."""
    evaluation = ask(a_measured_service(at=now), asker, now, migration=True)
    assert (evaluation.outcome, change_of(evaluation).risk) == ("peer", "medium")
    page = page_of(evaluation, web(approver))
    marked = re.search(r"decides</span>([^<]+)", page)
    assert marked[1].strip() == "The risk is medium, by what the request says."
    first, *rest = api(pipeline).get(f"/api/v1/gate-evaluations/{evaluation.pk}/").json()["reasons"]
    assert (first["code"], first["sentence"]) == ("risk_medium", marked[1].strip())
    assert first["asks_for"] == "peer"
    assert "risk_medium" not in [one["code"] for one in rest]


@pytest.mark.in_turn(3)
@pytest.mark.parametrize("state", ["healthy", "watch", "constrained", "exhausted", "no_data", "burning_fast"])
@pytest.mark.parametrize("words", [{}, {"backout": ""}, {"migration": True}])
def test_without_people_lists_no_answer_by_people(asker, approver, web, now, state, words):
    evaluation = ask(a_measured_service(state, at=now), asker, now, **words)
    page = page_of(evaluation, web(approver))
    alone = re.search(r"Would go without people if:</h3>(.*?)</ul>", page, re.S)
    assert alone is not None
    ways, words_said = alone[1].count("<li>"), re.findall(r'class="tag [^"]*">([^<]+)', alone[1])
    assert len(words_said) == ways > 0
    assert set(words_said) <= {"Approved", "Exception"}


def test_one_word_for_each_outcome(asker, approver, pipeline, web, api, now):
    for state, word in (("healthy", "One approver"), ("no_data", "Board decides"), ("constrained", "Postponed")):
        evaluation = ask(a_measured_service(state, at=now), asker, now)
        assert api(pipeline).get(f"/api/v1/gate-evaluations/{evaluation.pk}/").json()["answer"] == word
        assert word in page_of(evaluation, web(approver))
        assert word in web(approver).get("/changes/?tab=all").content.decode()


def test_the_ages_of_evidence_run_on(waiting, approver, web):
    ages = re.findall(r'data-label="age">(.*?)</td>', page_of(waiting, web(approver)), re.S)
    assert ages
    assert all("<time datetime=" in age for age in ages if age)
    assert any(ages)


def test_a_reviewed_change_needs_only_history(asker, approver, web, now):
    """What would help names what the marked row lacks."""
    service = a_measured_service(at=now)
    digest = an_artifact("reviewed")
    attested(service, digest, approver, now)
    evaluation = ask(service, asker, now, artifact_digest=digest)
    page = page_of(evaluation, web(approver))
    assert re.search(r"decides</span>Changes like this have not run here yet", page)
    assert "1 earlier run of such a change here" in page


def test_an_approval_that_is_about_to_end_says_so(waiting, approver, approving, web, now):
    deciding.decide_by_person(waiting.change, actor=approving, decision="approve", comment="", at=now)
    assert "The approval ends" not in page_of(waiting, web(approver))
    Evaluation.objects.update(expires_at=now + timedelta(minutes=50))
    assert "The approval ends" in page_of(waiting, web(approver))


def test_nobody_approves_what_its_author_wrote_anew_since_they_read_it(waiting, approver, asker, web, now):
    """Else an author shows something harmless, and puts another text under the open page."""
    browser = web(approver)
    read = re.search(r'name="version" value="(\d+)"', page_of(waiting, browser))
    assert read
    editing.edit(change_of(waiting), actor=asker, version=waiting.change.version, at=now, summary="Drop it all")
    refused = step(waiting, browser, "approve", version=read[1])
    assert refused.status_code == 412
    assert not ApprovalRequest.objects.filter(answers__by=approver).exists()
    again = re.search(r'name="version" value="(\d+)"', page_of(waiting, browser))
    assert step(waiting, browser, "approve", version=again[1]).status_code == 204


def test_nor_over_rest_where_it_says_what_it_read(waiting, approver, asker, api, now):
    client, path = api(approver), f"/api/v1/changes/{waiting.change.reference}/"
    tag = client.get(path)["ETag"]
    change = editing.edit(change_of(waiting), actor=asker, version=waiting.change.version, at=now, plan="Drop it all")
    asking.ask_again(change, actor=asker, at=now)
    said = {"decision": "approve"}
    assert client.post(f"{path}approvals/", said, format="json", HTTP_IF_MATCH=tag).status_code == 412
    tag = client.get(path)["ETag"]
    assert client.post(f"{path}approvals/", said, format="json", HTTP_IF_MATCH=tag).status_code == 201


@pytest.mark.parametrize("decision", ["approve", "decline"])
def test_a_page_that_does_not_say_what_was_read_answers_nothing(waiting, approver, web, decision):
    change = waiting.change
    page = web(approver).post(f"/changes/{change.reference}/{decision}/", {"comment": "Read."})
    assert page.status_code == 422
    assert "does not say what you read" in page.content.decode()
    assert change_of(waiting).status == "assessing"


def test_still_is_about_what_was_read_as_well(waiting, approver, approving, asker, managing, web, now):
    deciding.decide_by_person(waiting.change, actor=approving, decision="approve", comment="", at=now)
    a_major(waiting, managing)
    with pytest.raises(Held):
        start(change_of(waiting), asker, now)
    page = page_of(waiting, web(approver))
    assert f'name="version" value="{change_of(waiting).version}"' in page
