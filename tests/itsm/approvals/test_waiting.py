"""One queue for all kinds of records: by page and by REST; what may not be seen is not there."""

import pytest
from django.utils import timezone

from itsm.accounts.models import Team
from itsm.approvals import waiting
from itsm.approvals.models import ApprovalDecision, ApprovalPlan
from itsm.approvals.plans import Part, Step, answer_plan, begin

pytestmark = pytest.mark.django_db
HASH = "a" * 64
NOW = timezone.now()


def _decide(ask, *, actor, decision, comment, content_hash, at):
    record = Team.objects.get(pk=ask.record_id)
    answer_plan(record, actor=actor, decision=decision, comment=comment, content_hash=content_hash, at=at)


def _tell(asks, actor):
    """People who are asked read of it, and nobody else."""
    teams = Team.objects.in_bulk([one.record_id for one in asks])
    return {
        one.pk: waiting.Told(f"REQ-{one.record_id}", "A <laptop>", "/there/", "2 of them")
        for one in asks
        if one.record_id in teams and actor.id in one.people
    }


@pytest.fixture(autouse=True)
def asks_about_teams(monkeypatch):
    """A kind of record that is decided by plans, as requests are."""
    monkeypatch.setitem(
        waiting._kinds,
        "team",
        waiting.Kind("Requests", _tell, _decide, lambda item, actor: [("Price", "1,200.00 EUR")]),
    )


@pytest.fixture
def people(person):
    return {name: person("requester", username=name) for name in ("rita", "mona", "sam", "sue")}


@pytest.fixture
def plan(payments, people):
    steps = [
        Step((Part("manager", frozenset({people["mona"].pk}), 1, "Manager of rita"),)),
        Step((Part("security", frozenset({people["sam"].pk, people["sue"].pk}), 2, "Security"),)),
    ]
    return begin(
        payments, steps, content_hash=HASH, excluded=[people["rita"].pk], at=NOW, due_at=None, subject="Decide"
    )


def asked(plan):
    return plan.asks.get(status="open")


def test_who_is_asked_decides_by_the_page_with_what_was_read(plan, people, web):
    browser = web(people["mona"])
    page = browser.get("/approvals/")
    text = page.content.decode()
    assert "A &lt;laptop&gt;" in text
    assert all(words in text for words in ("2 of them", "1,200.00 EUR", "Manager of rita", "Security", "Step 2"))
    sent = {**page.context["form"].initial, "vote": "approve", "comment": "Needed."}
    assert browser.post(f"/approvals/{asked(plan).pk}/", sent).status_code == 302
    assert plan.asks.get(part="manager").status == "approved"
    after = browser.get("/approvals/").content.decode()
    assert "Nothing waits for you" in after
    assert "REQ-" in after  # the message


def test_a_no_without_a_reason_comes_back_with_its_form(plan, people, web):
    browser = web(people["mona"])
    sent = {"content_hash": HASH, "vote": "decline", "comment": " "}
    back = browser.post(f"/approvals/{asked(plan).pk}/", sent)
    assert back.status_code == 422
    assert "Say why you decline" in back.content.decode()
    assert not ApprovalDecision.objects.exists()


@pytest.mark.parametrize(
    ("sent", "status"),
    [({"content_hash": "b" * 64, "vote": "approve"}, 409), ({"content_hash": HASH, "vote": "maybe"}, 422), ({}, 422)],
)
def test_other_content_and_other_words_decide_nothing(plan, people, web, sent, status):
    back = web(people["mona"]).post(f"/approvals/{asked(plan).pk}/", {**sent, "comment": "I wrote this"})
    assert back.status_code == status
    assert "I wrote this" in back.content.decode()
    assert not ApprovalDecision.objects.exists()


def test_what_somebody_may_not_see_is_not_there_for_them(plan, people, web, api):
    number = asked(plan).pk
    for name in ("rita", "sam"):  # sam is asked in the next step only
        assert web(people[name]).get("/approvals/").context["items"] == []
        assert web(people[name]).post(f"/approvals/{number}/", {}).status_code == 404
        assert api(people[name]).get("/api/v1/approvals/mine/").json()["results"] == []
        unseen, unknown = (
            api(people[name]).post(f"/api/v1/approvals/{one}/answer/", {}, format="json") for one in (number, 10**9)
        )
        assert (unseen.status_code, unseen.json()["detail"]) == (404, unknown.json()["detail"])


def test_over_rest_one_reads_and_answers(plan, people, api):
    client = api(people["mona"])
    (row,) = client.get("/api/v1/approvals/mine/").json()["results"]
    assert (row["record"], row["authority"], row["answered"], row["overdue"]) == (
        f"REQ-{plan.record_id}", "Manager of rita", None, False,
    )  # fmt: skip
    assert (row["title"], row["reason"]) == ("A <laptop>", "2 of them")
    answer = {"decision": "approve", "content_hash": row["content_hash"]}
    at = row["answer_at"].partition("/api/")[2]
    done = client.post(f"/api/{at}", answer, format="json")
    assert (done.status_code, done.json()["status"]) == (200, "approved")
    assert client.get("/api/v1/approvals/mine/").json()["results"] == []
    again = client.post(f"/api/{at}", answer, format="json")
    assert again.status_code == 403  # the next step asks others
    assert ApprovalPlan.objects.get().step == 1


def test_two_who_are_needed_see_it_until_they_have_answered(plan, people, web, as_actor):
    _decide(asked(plan), actor=as_actor(people["mona"]), decision="approve", comment="", content_hash=HASH, at=NOW)
    assert len(web(people["sam"]).get("/approvals/").context["items"]) == 1
    _decide(asked(plan), actor=as_actor(people["sam"]), decision="approve", comment="", content_hash=HASH, at=NOW)
    assert web(people["sam"]).get("/approvals/").context["items"] == []
    text = web(people["sue"]).get("/approvals/").content.decode()
    assert "1 of 2 still to approve" in text


def test_a_token_that_may_not_approve_decides_nothing(plan, people, api):
    body = {"decision": "approve", "content_hash": HASH}
    sent = api(people["mona"], "read").post(f"/api/v1/approvals/{asked(plan).pk}/answer/", body, format="json")
    assert sent.status_code == 403
    assert not ApprovalDecision.objects.exists()


def test_looking_decides_nothing_and_the_link_of_a_mail_only_opens_a_page(plan, people, web):
    browser = web(people["mona"])
    for address in ("/approvals/", f"/approvals/?ask={asked(plan).pk}&vote=approve"):
        assert browser.get(address).status_code == 200
    assert browser.get(f"/approvals/{asked(plan).pk}/").status_code == 405
    assert not ApprovalDecision.objects.exists()
