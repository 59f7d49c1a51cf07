"""The pages of boards and meetings, as the chair, a member and a bystander use them."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import NAMESPACE_OID, NAMESPACE_URL, uuid3, uuid4, uuid5

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from changes.boards.operations import meetings
from changes.models import Board, Change, Meeting
from incidents.incident import operations as incidents
from itsm.accounts.models import User
from itsm.approvals.models import ApprovalDecision, ApprovalRequest
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor
from tests.factories.slo import T0

pytestmark = pytest.mark.django_db
Web = Callable[[User], Client]


@pytest.fixture
def meeting(found: Callable[..., Board], asked: Callable[..., Change], managing: Actor) -> Meeting:
    """Planned, with two changes to decide about."""
    board = found()
    first = asked()
    asked(service=first.service)
    at = timezone.now()
    return meetings.plan_meeting(
        board, actor=managing, starts_at=at + timedelta(hours=1), ends_at=at + timedelta(hours=2), at=at
    )


def test_a_change_manager_founds_a_board_and_edits_it(manager: User, sitting: dict[str, User], web: Web) -> None:
    client = web(manager)
    words = {"name": "Payments board", "chairs": ["cleo"], "members": ["marc"], "quorum": 3, "rule": "majority"}
    refused = client.post("/changes/boards/", words)
    assert (refused.status_code, "quorum of 3" in refused.content.decode()) == (400, True)
    made = client.post("/changes/boards/", words | {"quorum": 2})
    assert made["Location"] == "/changes/boards/payments-board/"
    page = client.get(made["Location"]).content.decode()
    assert "Payments board" in page
    assert "cleo" in page
    edited = client.post(made["Location"] + "edit/", words | {"quorum": 1, "version": 1, "tiers": ["1", "2"]})
    assert edited.status_code == 302
    board = Board.objects.get()
    assert (board.quorum, board.tiers, board.rule) == (1, [1, 2], "majority")


def test_a_member_votes_and_is_led_to_the_next_item(meeting: Meeting, sitting: dict[str, User], web: Web) -> None:
    client = web(sitting["marc"])
    page = client.get(meeting.get_absolute_url())
    first, second = page.context["agenda"]
    assert 'data-key="a"' in page.content.decode()
    words = {
        "vote_id": str(page.context["vote_form"]["vote_id"].value()), "version": first.change.version, "seen": "",
        "vote": "approve", "comment": "", "following": second.ask.pk,
    }  # fmt: skip
    address = f"{meeting.get_absolute_url()}items/{first.ask.pk}/vote/"
    for _ in range(2):  # a bad network sends it twice
        voted = client.post(address, words)
        assert voted["Location"] == f"{meeting.get_absolute_url()}?item={second.ask.pk}"
    assert ApprovalDecision.objects.count() == 1
    refused = client.post(address, words | {"vote_id": str(uuid4()), "vote": "decline"})
    assert refused.status_code == 422


def test_nobody_can_tell_the_id_of_somebody_elses_vote_and_use_it_up(
    meeting: Meeting, sitting: dict[str, User], web: Web
) -> None:
    marc = sitting["marc"]
    page = web(marc).get(meeting.get_absolute_url())
    drawn = page.context["vote_form"]["vote_id"].value()
    again = web(marc).get(meeting.get_absolute_url()).context["vote_form"]["vote_id"].value()
    assert drawn == again
    told = f"/items/{page.context['here'].ask.pk}/votes/{marc.pk}/0"
    assert str(drawn) not in {
        str(kind(space, told)) for kind in (uuid3, uuid5) for space in (NAMESPACE_URL, NAMESPACE_OID)
    }


def test_a_vote_over_rest_has_the_id_that_the_schema_promises(
    meeting: Meeting, sitting: dict[str, User], api: Callable[[User], APIClient]
) -> None:
    address = f"/api/v1/items/{ApprovalRequest.objects.order_by('id')[0].pk}/votes/"
    one = uuid4()
    for odd in (one.hex, f"urn:uuid:{one}", f"{{{one}}}", one.int, 5, True, "", None):
        assert api(sitting["marc"]).post(address, {"vote_id": odd, "vote": "abstain"}, format="json").status_code == 400
    said = api(sitting["marc"]).post(address, {"vote_id": str(one), "vote": "abstain"}, format="json")
    assert said.status_code == 201


def test_who_has_no_vote_is_told_why_and_sees_no_buttons(meeting: Meeting, sitting: dict[str, User], web: Web) -> None:
    page = web(sitting["ann"]).get(meeting.get_absolute_url()).content.decode()
    assert "is not among them" in page
    assert 'name="vote"' not in page
    ask = ApprovalRequest.objects.order_by("id")[0]
    assert web(sitting["ann"]).post(f"{meeting.get_absolute_url()}items/{ask.pk}/vote/", {}).status_code == 403


def test_in_session_the_chair_sees_how_long_an_item_has_taken_and_closes_or_puts_it_off_by_a_key(
    meeting: Meeting, sitting: dict[str, User], web: Web
) -> None:
    chair, here = web(sitting["cleo"]), meeting.get_absolute_url()
    assert "data-timer" not in chair.get(here).content.decode()  # nothing has begun
    chair.post(here + "open/")
    shown = chair.get(here).content.decode()
    assert f'data-timer="meeting {meeting.pk} item ' in shown
    assert 'data-key="s" data-key-name="Close as voted"' in shown


def test_a_word_about_a_settled_item_stands_beside_that_item_and_in_no_other_s_form(
    meeting: Meeting, sitting: dict[str, User], web: Web
) -> None:
    chair, here = web(sitting["cleo"]), meeting.get_absolute_url()
    chair.post(here + "open/")
    first, second = ApprovalRequest.objects.order_by("id")
    read = web(sitting["mia"]).get(f"{here}?item={first.pk}").context["vote_form"]
    late = {name: read[name].value() for name in ("vote_id", "version", "seen")} | {"vote": "approve"}
    for name in ("cleo", "marc"):
        words = {"vote_id": str(uuid4()), "version": late["version"], "vote": "decline", "comment": "Not now."}
        web(sitting[name]).post(f"{here}items/{first.pk}/vote/", words)
    chair.post(here + "items/decide/", {"item": first.pk})
    refused = web(sitting["mia"]).post(f"{here}items/{first.pk}/vote/", late | {"comment": "After the sale."})
    shown = refused.content.decode()
    assert (refused.status_code, refused.context["here"].ask, refused.context["following"].ask) == (409, first, second)
    assert "is settled: declined" in shown
    assert "You wrote:" in shown
    assert "After the sale." in shown
    assert 'name="vote"' not in shown
    live = web(sitting["mia"]).get(f"{here}live/?item={first.pk}").context["here"]
    assert live.ask == first  # her page shows the votes about what it shows
    late_chair = chair.get(f"{here}?item={first.pk}").content.decode()
    assert ("items/note/" in late_chair, "items/decide/" in late_chair) == (True, False)


def test_the_chair_leads_it_to_its_minutes(meeting: Meeting, sitting: dict[str, User], web: Web) -> None:
    chair, member, here = web(sitting["cleo"]), web(sitting["mia"]), meeting.get_absolute_url()
    assert member.post(here + "open/").status_code == 403
    assert chair.post(here + "open/").status_code == 302
    assert "mia" in member.get(here + "live/").content.decode()
    item = chair.get(here).context["here"]
    for client in (chair, member):
        words = {"vote_id": str(uuid4()), "version": item.change.version, "vote": "decline", "comment": "Not now."}
        client.post(f"{here}items/{item.ask.pk}/vote/", words)
    assert chair.post(here + "items/note/", {"item": item.ask.pk, "notes": "Ask the bank."}).status_code == 302
    assert chair.post(here + "items/decide/", {"item": item.ask.pk}).status_code == 302
    other = chair.get(here).context["here"]
    refused = chair.post(here + "items/decide/", {"item": other.ask.pk})
    assert (refused.status_code, "no quorum yet" in refused.content.decode()) == (409, True)
    assert chair.get(here + "minutes/").status_code == 404
    assert chair.post(here + "close/").status_code == 302
    assert "Ask the bank." in chair.get(here + "minutes/").content.decode()
    shown = member.get(here).content.decode()
    assert "in the meeting" in shown.partition(item.change.reference)[2].partition(other.change.reference)[0]
    assert "in the meeting" not in shown.partition(other.change.reference)[2]  # it is open still
    change = item.change.get_absolute_url()
    entry = re.search(rf'href="{change}#(entry-\d+)"', shown)
    assert f'id="{entry[1]}"' in member.get(change).content.decode()  # type: ignore[index]
    printed = member.get(here + "minutes.pdf")
    assert (printed["Content-Type"], printed.content[:5]) == ("application/pdf", b"%PDF-")


def test_the_chair_takes_an_item_earlier_from_the_page(meeting: Meeting, sitting: dict[str, User], web: Web) -> None:
    chair, here = web(sitting["cleo"]), meeting.get_absolute_url()
    first, second = chair.get(here).context["agenda"]
    assert "A place earlier" not in chair.get(here).content.decode()  # nothing stands before the first
    assert "A place earlier" in chair.get(f"{here}?item={second.ask.pk}").content.decode()
    assert web(sitting["mia"]).post(here + "items/earlier/", {"item": second.ask.pk}).status_code == 403
    for item, status in ((second.ask.pk, 302), (second.ask.pk, 302), (10**9, 409), ("x", 422)):
        assert chair.post(here + "items/earlier/", {"item": item}).status_code == status
    refused = chair.post(here + "items/earlier/", {"item": 10**9}).content.decode()
    assert "It is not on this agenda any more." in refused
    assert [one.ask.pk for one in chair.get(here).context["agenda"]] == [second.ask.pk, first.ask.pk]
    assert Entry.objects.filter(event="meeting.reordered").count() == 1  # the minutes tell of no order that is the same


def test_a_meeting_that_was_cancelled_says_so_and_why(meeting: Meeting, sitting: dict[str, User], web: Web) -> None:
    chair = web(sitting["cleo"])
    cancelled = chair.post(meeting.get_absolute_url() + "cancel/", {"reason": "Everybody is at the fair."})
    assert cancelled.status_code == 302
    shown = chair.get(meeting.get_absolute_url()).content.decode()
    assert "This meeting does not take place" in shown
    assert "Everybody is at the fair." in shown


def test_the_chair_closes_nothing_as_approved_without_seen_what_came_since(
    meeting: Meeting, managing: Actor, sitting: dict[str, User], web: Web
) -> None:
    chair, here = web(sitting["cleo"]), meeting.get_absolute_url()
    chair.post(here + "open/")
    item = chair.get(here).context["here"]
    votes = (("marc", "approve"), ("mia", "discuss"), ("cleo", "approve"))
    for name, vote in votes:
        read = web(sitting[name]).get(f"{here}?item={item.ask.pk}").context["vote_form"]
        words = {"vote_id": str(uuid4()), "version": item.change.version, "seen": read["seen"].value(), "vote": vote}
        assert web(sitting[name]).post(f"{here}items/{item.ask.pk}/vote/", words).status_code == 302
    seen = chair.get(f"{here}?item={item.ask.pk}").context["decide_form"]["seen"].value()
    incidents.open_incident(
        actor=managing, title="Nobody can pay", service=item.change.service, priority=1, major=True, at=timezone.now()
    )
    refused = chair.post(here + "items/decide/", {"item": item.ask.pk, "seen": seen})
    assert (refused.status_code, "see what has changed" in refused.content.decode()) == (409, True)
    shown = refused.context["decide_form"]["seen"].value()
    assert chair.post(here + "items/decide/", {"item": item.ask.pk, "seen": shown}).status_code == 302
    assert Change.objects.get(pk=item.change.pk).status == "scheduled"


def test_an_item_is_put_off_from_the_page(
    meeting: Meeting, managing: Actor, sitting: dict[str, User], web: Web
) -> None:
    later = meetings.plan_meeting(
        meeting.board, actor=managing, at=timezone.now(), starts_at=meeting.starts_at + timedelta(days=7),
        ends_at=meeting.ends_at + timedelta(days=7),
    )  # fmt: skip
    chair, here = web(sitting["cleo"]), meeting.get_absolute_url()
    item = chair.get(here).context["here"]
    words = {"item": item.ask.pk, "to": later.pk, "reason": "The bank has not answered."}
    assert chair.post(here + "items/defer/", words).status_code == 302
    assert item.ask.pk not in [one.ask.pk for one in chair.get(here).context["agenda"]]


@pytest.mark.parametrize(
    ("page", "nothing", "who"),
    [
        ("/changes/boards/", "No boards yet", "Change managers found boards"),
        ("/changes/models/", "No models yet", "propose change models"),
        ("/changes/attestors/", "No attestors yet", "Owners and managers name attestors"),
    ],
)
def test_a_page_without_a_line_says_so_once_and_who_may_begin_one(
    page: str, nothing: str, who: str, person: Callable[..., User], web: Web
) -> None:
    shown = web(person("approver")).get(page).content.decode()
    assert (shown.count(nothing), who in shown, "form-foot" in shown) == (1, True, False)


def test_what_goes_by_override_is_marked_wherever_it_stands(
    found: Callable[..., Board], asked: Callable[..., Change], sitting: dict[str, User], web: Web
) -> None:
    board = found()
    change = asked(window=(T0 + timedelta(days=1), T0 + timedelta(days=1, hours=1)))
    browser = web(sitting["cleo"])
    month, week, lanes = (f"/changes/calendar/{shown}/?on=2026-03-03" for shown in ("month", "week", "lanes"))
    places = {"/", "/changes/", board.get_absolute_url(), month, week, lanes}

    def marked() -> set[str]:
        pages = {place: browser.get(place).content.decode() for place in places}
        assert {place for place in places if change.reference not in pages[place]} == set()
        return {place for place, page in pages.items() if re.search(r">\s*Override\s*<", page)}

    assert marked() == set()
    Change.objects.filter(pk=change.pk).update(overridden=True)
    assert marked() == places
    # Lapsed, and no sweeper came: no override lets it go, and none of these tells a verdict beside what waits.
    Change.objects.filter(pk=change.pk).update(status="scheduled", authorised_until=T0, verdict="blocked")
    assert marked() == set()
    for place in (board.get_absolute_url(), month, week, lanes):
        assert not re.search(r">\s*Blocked\s*<", browser.get(place).content.decode()), place
