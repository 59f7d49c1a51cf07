"""A board's meeting in three browsers: a member without a network loses nothing, and no vote counts twice."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from changes.boards.operations import keeping, meetings
from changes.models import Change, Meeting
from itsm.accounts.models import User
from itsm.approvals.models import ApprovalDecision, ApprovalRequest
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor
from tests.factories.changes import a_measured_service, ask
from tests.journeys.test_hands import Open, opened

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
__all__ = ["opened"]
HOUR = timedelta(hours=1)


@pytest.fixture
def sitting(person: Callable[..., User]) -> dict[str, User]:
    return {name: person("approver", username=name) for name in ("cleo", "marc", "mia")}


@pytest.fixture
def meeting(person: Callable[..., User], as_actor: Callable[[User], Actor], sitting: dict[str, User]) -> Meeting:
    """In session with three items: cleo in the chair, and all three have to vote."""
    now, managing, asking = timezone.now(), as_actor(person("manager")), as_actor(person("engineer"))
    seats = {sitting["cleo"]: "chair", sitting["marc"]: "member", sitting["mia"]: "member"}
    board = keeping.found_board(actor=managing, at=now, name="Change advisory board", seats=seats, quorum=3)
    service = a_measured_service("no_data", tier=1)
    for n in (1, 2, 3):
        ask(service, asking, at=now, summary=f"Change number {n}", commit=f"{n}" * 40)
    planned = meetings.plan_meeting(board, actor=managing, starts_at=now, ends_at=now + HOUR, at=now)
    return meetings.open_meeting(planned, actor=as_actor(sitting["cleo"]), at=now)


def test_a_member_offline_for_a_while_loses_no_vote_and_the_minutes_equal_the_audit(
    opened: Open, meeting: Meeting, sitting: dict[str, User]
) -> None:
    first, second, third = Change.objects.order_by("pk")
    with ExitStack() as at_once:
        chair, marc, mia = (at_once.enter_context(opened(sitting[name])) for name in ("cleo", "marc", "mia"))
        for page in (chair, marc, mia):
            looks_at(page, meeting, first)

        # mia votes in a tunnel; the others go on without her.
        mia.context.set_offline(True)
        mia.fill("#id_comment", "Only after the sale.")
        mia.get_by_role("button", name="Approve").click()
        again = mia.get_by_role("button", name="Try again")
        expect(again).to_be_visible()
        marc.get_by_role("button", name="Approve").dblclick()
        expect(marc.locator("#toasts")).to_contain_text("is counted")
        chair.get_by_role("button", name="Approve").click()
        expect(chair.locator("#toasts")).to_contain_text("is counted")
        assert votes() == [(first.pk, "marc", "approve"), (first.pk, "cleo", "approve")]

        # The page asks by itself while there is no network, and keeps what she wrote.
        with mia.expect_event("requestfailed"):
            asks_again(mia)
        expect(mia.locator("#id_comment")).to_have_value("Only after the sale.")

        # Her network is back, and the answer to her vote is lost on the way: sent again it is the same vote.
        mia.context.set_offline(False)
        mia.route("**/vote/", lambda route: (route.fetch(), route.abort()), times=1)
        again.click()
        expect(again).to_be_visible()
        again.dblclick()
        expect(mia.locator("#toasts")).to_contain_text("is counted")
        assert votes()[2:] == [(first.pk, "mia", "approve")]
        assert Change.objects.get(pk=first.pk).status == "scheduled"

        # A recusal changes what is needed, in the others' pages too; then the chair closes the item as voted.
        looks_at(marc, meeting, second)
        looks_at(mia, meeting, second)
        marc.fill("#id_comment", "I wrote it.")
        marc.get_by_role("button", name="Withdraw from deciding").click()
        expect(marc.locator("#toasts")).to_contain_text("is counted")
        asks_again(mia)
        expect(mia.locator("[aria-current=true]")).to_contain_text("0 of 2 votes")

        # Her vote comes when the item is settled: it is refused where she wrote it, her words before her eyes.
        mia.context.set_offline(True)
        mia.fill("#id_comment", "Not on a Friday.")
        mia.get_by_role("button", name="Approve").click()
        looks_at(chair, meeting, second)
        chair.fill("#id_comment >> nth=0", "No way back.")
        chair.get_by_role("button", name="Decline").click()
        expect(chair.locator("#toasts")).to_contain_text("is counted")
        looks_at(chair, meeting, second)
        chair.get_by_role("button", name="Close as voted").click()
        expect(chair.locator("#toasts")).to_contain_text("declined")
        mia.context.set_offline(False)
        again.click()
        expect(mia.locator("main")).to_contain_text(f"{second.reference} is settled")
        expect(mia.locator("#item")).to_contain_text(second.reference)
        expect(mia.locator("main")).to_contain_text("Not on a Friday.")
        assert votes()[3:] == [(second.pk, "marc", "recuse"), (second.pk, "cleo", "decline")]

        chair.locator("form[action$='/close/'] button").click()
        expect(chair.locator("main")).to_contain_text("Minutes")
        asks_again(mia)
        expect(mia.locator("main")).to_contain_text("the minutes are written")

    written = Meeting.objects.get(pk=meeting.pk).minutes.facts
    assert sorted(written["present"]) == ["cleo", "marc", "mia"]
    assert {item["change"]: item["outcome"] for item in written["items"]} == {
        first.reference: "approved", second.reference: "declined", third.reference: "open",
    }  # fmt: skip
    minuted = [
        (vote["entry"], item["change"], vote["by"], vote["vote"], vote["comment"])
        for item in written["items"]
        for vote in item["votes"]
    ]
    audited = Entry.objects.filter(event="change.answered")
    assert sorted(minuted) == [
        (one.pk, one.reference, one.actor_name, one.changes["decision"][1], one.remark)
        for one in audited.order_by("pk")
    ]
    assert len(minuted) == 5


def votes() -> list[tuple[int, str, str]]:
    """Change, who and what, in the order in which they were cast."""
    cast = ApprovalDecision.objects.order_by("pk")
    return list(cast.values_list("ask__record_id", "by__username", "decision"))


def looks_at(page: Page, meeting: Meeting, change: Change) -> None:
    page.goto(f"{meeting.get_absolute_url()}?item={ApprovalRequest.objects.get(record_id=change.pk).pk}")
    expect(page.locator("#item")).to_contain_text(change.reference)


def asks_again(page: Page) -> None:
    """What the live part of the page does every five seconds, now."""
    page.evaluate("htmx.trigger(document.querySelector('[hx-trigger^=every]'), 'looks')")
