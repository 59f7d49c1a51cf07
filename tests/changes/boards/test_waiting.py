"""The approver's queue: one thing after the other, with why people are needed; looking at it changes nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from changes.change.queries.desk import asks
from changes.models import Board, Change
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.approvals.models import ApprovalDecision, ApprovalRequest
from itsm.audit.models import Entry
from itsm.kernel.actors import Door

pytestmark = pytest.mark.django_db
QUEUE = "/approvals/"


def sent(page: Any, vote: str, comment: str = "") -> dict[str, Any]:
    """What a browser sends of the form of the item that is looked at."""
    form = page.context["form"]
    following = page.context["following"]
    more = {"following": following.ask.pk} if following else {}
    return {**form.initial, **more, "vote": vote, "comment": comment}


def test_one_thing_after_the_other_with_why_people_and_what_would_make_it_automatic(
    found: Callable[..., Board], asked: Callable[..., Change], sitting: dict[str, User], web: Callable[[User], Any]
) -> None:
    found()
    first, second = asked(), asked()
    browser = web(sitting["cleo"])
    before = Entry.objects.count()
    page = browser.get(QUEUE)
    here = page.context["here"]
    text = page.content.decode()
    assert (here.told.record.change, here.told.reason in text, here.told.record.helps in text) == (first, True, True)
    assert here.told.reason
    assert f"/changes/{first.reference}/conflicts/" in text
    assert Entry.objects.count() == before
    after = browser.post(f"{QUEUE}{here.ask.pk}/", sent(page, "approve"))
    assert after["Location"] == f"{QUEUE}?ask={page.context['following'].ask.pk}"
    page = browser.get(after["Location"])
    assert [(one.told.record.change, one.said is not None) for one in page.context["items"]] == [
        (second, False),
        (first, True),
    ]
    assert browser.post(f"{QUEUE}{page.context['here'].ask.pk}/", sent(page, "decline")).status_code == 422
    browser.post(f"{QUEUE}{page.context['here'].ask.pk}/", sent(page, "abstain"))
    assert sorted(ApprovalDecision.objects.values_list("decision", flat=True)) == ["abstain", "approve"]


def test_what_was_answered_keeps_nothing_unanswered_out_of_a_long_queue(
    found: Callable[..., Board], asked: Callable[..., Change], sitting: dict[str, User], web: Callable[[User], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    found()
    first, second = asked(), asked()
    monkeypatch.setattr("itsm.approvals.waiting_views.MOST", 1)
    browser = web(sitting["cleo"])
    page = browser.get(QUEUE)
    assert [one.told.record.change for one in page.context["items"]] == [first]
    browser.post(f"{QUEUE}{page.context['here'].ask.pk}/", sent(page, "approve"))
    assert [one.told.record.change for one in browser.get(QUEUE).context["items"]] == [second]
    assert [one.change for one in asks(actor_for(sitting["cleo"], Door.WEB), 1)] == [second]


def test_by_role_one_approves_or_declines_there_too_and_a_form_sent_twice_says_so(
    asked: Callable[..., Change], approver: User, web: Callable[[User], Any]
) -> None:
    change = asked()
    browser = web(approver)
    page = browser.get(QUEUE)
    assert "abstain" not in page.content.decode()
    at, form = f"{QUEUE}{page.context['here'].ask.pk}/", sent(page, "approve", "Read it.")
    assert browser.post(at, form)["Location"] == QUEUE
    change.refresh_from_db()
    assert change.status == "scheduled"
    assert browser.post(at, form).status_code in {409, 422}
    assert "Nothing waits for you" in browser.get(QUEUE).content.decode()


def test_a_word_that_comes_too_late_stands_in_no_other_s_form(
    asked: Callable[..., Change], approver: User, person: Callable[..., User], web: Callable[[User], Any]
) -> None:
    asked()
    asked()
    browser = web(approver)
    page = browser.get(QUEUE)
    first = page.context["here"]
    other = web(person("approver", username="somebody"))
    other.post(f"{QUEUE}{first.ask.pk}/", sent(other.get(QUEUE), "approve"))
    late = browser.post(f"{QUEUE}{first.ask.pk}/", sent(page, "decline", "Not before the sale."))
    assert (late.status_code, late.context["here"].ask.pk == first.ask.pk) == (409, False)
    assert "You wrote:" in late.content.decode()
    assert late.context["too_late"].non_field_errors()
    assert not late.context["form"].is_bound


def test_what_is_overdue_says_so_and_is_approved_by_nobody(
    found: Callable[..., Board], asked: Callable[..., Change], sitting: dict[str, User], web: Callable[[User], Any]
) -> None:
    found()
    change = asked()
    ApprovalRequest.objects.update(due_at=timezone.now() - timedelta(hours=1))
    page = web(sitting["cleo"]).get(QUEUE)
    assert page.context["here"].is_overdue
    assert "overdue" in page.content.decode()
    change.refresh_from_db()
    assert (change.status, ApprovalRequest.objects.get().status) == ("assessing", "open")


def test_who_is_not_asked_answers_nothing(
    found: Callable[..., Board], asked: Callable[..., Change], engineer: User, web: Callable[[User], Any]
) -> None:
    found()
    asked()
    browser = web(engineer)
    assert browser.get(QUEUE).context["items"] == []
    ask = ApprovalRequest.objects.get()
    assert browser.post(f"{QUEUE}{ask.pk}/", {"vote": "approve"}).status_code == 403
    assert browser.post(f"{QUEUE}999999/", {"vote": "approve"}).status_code == 404
