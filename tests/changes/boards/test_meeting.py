"""A meeting: its agenda and order, items closed by the chair or put off, and minutes that equal the audit."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from changes.boards.operations import agenda as deciding
from changes.boards.operations import meetings
from changes.boards.queries import agenda as agenda_queries
from changes.boards.queries import pages
from changes.boards.queries.agenda import agenda, entries
from changes.boards.queries.asks import open_of
from changes.boards.queries.minutes_text import on_paper
from changes.boards.rules import factors
from changes.models import Board, Change, Decision, Evaluation, History, Meeting
from itsm.accounts.models import User
from itsm.approvals import panels
from itsm.approvals.models import ApprovalRequest
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted, WrongState
from itsm.notifications.models import Notification
from tests.factories.slo import MINUTE, T0

pytestmark = pytest.mark.django_db
HOUR, WEEK = timedelta(hours=1), timedelta(days=7)

# fmt: off
GOLDEN = [
    # risk      headroom   conflict    runs  score
    ("high",    "0.031",   "none",     0,    "55.8"),
    ("high",    "0.822",   "none",     12,   "26.9"),
    ("medium",  "0.35",    "warned",   3,    "56.5"),
    ("low",     "0.90",    "none",     40,   "12.2"),
    ("high",    "0",       "blocking", 0,    "100.0"),
    ("medium",  "-0.2",    "none",     7,    "38.0"),
]
# fmt: on


@pytest.mark.parametrize(("risk", "headroom", "conflict", "runs", "score"), GOLDEN)
def test_the_score_of_an_item(risk: str, headroom: str, conflict: str, runs: int, score: str) -> None:
    found = factors(risk=risk, headroom=Decimal(headroom), conflict=conflict, runs=runs)
    assert found.score == Decimal(score)
    assert all(0 <= one <= 1 for one in found)


def test_what_nobody_can_see_ranks_as_the_most_pressing() -> None:
    unseen = factors(risk="", headroom=None, conflict="odd", runs=0)
    assert unseen.score == Decimal("100.0")


class Scene:
    """A board that was asked about three changes, and is in session."""

    def __init__(self, board: Board, changes: list[Change], people: dict[str, Actor], planned: Meeting, later: Meeting):
        self.board, self.changes, self.people, self.later = board, changes, people, later
        self.meeting = meetings.open_meeting(planned, actor=people["cleo"], at=T0 + HOUR)

    def asked(self, change: Change) -> Any:
        return next(one for one in open_of(self.board) if one.change.pk == change.pk)

    def vote(self, change: Change, name: str, vote: str = "approve", comment: str = "") -> None:
        deciding.vote(
            self.asked(change), actor=self.people[name], vote=vote, comment=comment, vote_id=uuid4(), at=T0 + HOUR
        )

    def close(self, change: Change, name: str = "cleo", comment: str = "") -> Any:
        who = self.people[name]
        return deciding.close_item(self.meeting, self.asked(change), actor=who, at=T0 + HOUR, comment=comment)


@pytest.fixture
def scene(
    found: Callable[..., Board], asked: Callable[..., Change], sitting: dict[str, User], managing: Actor,
    as_actor: Callable[[User], Actor],
) -> Scene:  # fmt: skip
    board = found()
    first = asked()
    changes = [first, asked(service=first.service), asked(service=first.service)]
    planned, later = (
        meetings.plan_meeting(board, actor=managing, starts_at=at, ends_at=at + HOUR, at=T0)
        for at in (T0 + HOUR, T0 + HOUR + WEEK)
    )
    return Scene(board, changes, {name: as_actor(user) for name, user in sitting.items()}, planned, later)


def test_the_chair_closes_an_item_as_the_votes_stand(scene: Scene) -> None:
    first, second, third = scene.changes
    scene.vote(first, "marc", "decline", "It clashes with the sale.")
    scene.vote(first, "mia")
    assert scene.close(first).outcome == "declined"
    scene.vote(second, "marc", "discuss")
    scene.vote(second, "mia")
    with pytest.raises(WrongState, match="no quorum yet"):
        scene.close(second)
    scene.vote(second, "cleo")
    assert scene.close(second).outcome == "approved"
    assert list(Change.objects.order_by("pk").values_list("status", flat=True)) == ["draft", "scheduled", "assessing"]
    assert [entry.change for entry in agenda(scene.meeting)] == [third]


def test_only_the_chair_closes_orders_and_puts_off(scene: Scene) -> None:
    one, marc = scene.asked(scene.changes[0]), scene.people["marc"]
    with pytest.raises(NotPermitted, match="chair"):
        deciding.close_item(scene.meeting, one, actor=marc, at=T0)
    with pytest.raises(NotPermitted, match="chair"):
        deciding.reorder(scene.meeting, actor=marc, order=[one.ask.pk])
    with pytest.raises(NotPermitted, match="chair"):
        deciding.defer(scene.meeting, one, actor=marc, to=scene.later, reason="Later.")
    with pytest.raises(NotPermitted):
        meetings.close_meeting(scene.meeting, actor=marc, at=T0)


def test_a_chair_with_an_interest_closes_nothing_of_it(scene: Scene, sitting: dict[str, User]) -> None:
    change = scene.changes[0]
    ApprovalRequest.objects.filter(record_id=change.pk).update(excluded=[sitting["cleo"].pk])
    scene.vote(change, "marc", "discuss")
    with pytest.raises(NotPermitted, match="interest"):
        scene.close(change)


def test_a_chair_who_wants_something_since_the_ask_closes_nothing_of_that_service(
    scene: Scene, sitting: dict[str, User]
) -> None:
    Change.objects.filter(pk=scene.changes[2].pk).update(implementer=sitting["cleo"])
    scene.vote(scene.changes[0], "marc", "discuss")
    with pytest.raises(NotPermitted, match="interest"):
        scene.close(scene.changes[0])


def test_the_order_is_the_chair_s_and_it_is_kept_who_changed_it(scene: Scene) -> None:
    before = [entry.ask.pk for entry in agenda(scene.meeting)]
    order = [before[2], before[0], before[1]]
    with pytest.raises(InvalidInput, match="every item"):
        deciding.reorder(scene.meeting, actor=scene.people["cleo"], order=order[:2])
    deciding.reorder(scene.meeting, actor=scene.people["cleo"], order=order)
    assert [entry.ask.pk for entry in agenda(scene.meeting)] == order
    assert Entry.objects.get(event="meeting.reordered").actor_name == "cleo"
    assert deciding.take_earlier(scene.meeting, actor=scene.people["cleo"], item=order[2])
    assert [entry.ask.pk for entry in agenda(scene.meeting)] == [order[0], order[2], order[1]]
    assert not deciding.take_earlier(scene.meeting, actor=scene.people["cleo"], item=order[0])
    with pytest.raises(WrongState, match="not on this agenda"):
        deciding.take_earlier(scene.meeting, actor=scene.people["cleo"], item=10**9)


def test_what_is_put_off_is_on_the_next_agenda_and_says_why(scene: Scene) -> None:
    one = scene.asked(scene.changes[0])
    with pytest.raises(InvalidInput, match="Say why"):
        deciding.defer(scene.meeting, one, actor=scene.people["cleo"], to=scene.later, reason=" ")
    deciding.defer(scene.meeting, one, actor=scene.people["cleo"], to=scene.later, reason="The bank has not answered.")
    assert one.change not in [entry.change for entry in agenda(scene.meeting)]
    assert one.change in [entry.change for entry in agenda(scene.later)]
    with pytest.raises(InvalidInput, match="later"):
        deciding.defer(scene.later, one, actor=scene.people["cleo"], to=scene.meeting, reason="Back.")


def test_minutes_are_written_once_and_equal_the_audit(scene: Scene) -> None:
    first, second, third = scene.changes
    for login, name in (("cleo", "Cleo Stern"), ("mia", "Mia Berg"), ("ann", "Cleo Stern")):
        User.objects.filter(username=login).update(name=name)
    scene.vote(first, "marc")
    scene.vote(first, "mia")  # settled without dissent
    scene.vote(second, "marc", "recuse", "I wrote # it")
    scene.vote(second, "mia", "decline", "No way back.")
    scene.close(second, comment="Closed # as voted.")
    deciding.note(scene.meeting, scene.asked(third), actor=scene.people["cleo"], notes="# Not a heading\nWe wait.")
    deciding.defer(scene.meeting, scene.asked(third), actor=scene.people["cleo"], to=scene.later, reason="No data.")
    meetings.be_present(scene.meeting, actor=scene.people["mia"], at=T0 + HOUR)
    closed = meetings.close_meeting(scene.meeting, actor=scene.people["cleo"], at=T0 + 2 * HOUR)
    facts = closed.minutes.facts
    noted = Entry.objects.filter(event="change.answered").order_by("id")
    told = {(one.reference, one.actor_name, one.changes["decision"][1], one.remark) for one in noted}
    assert told == {
        (item["change"], vote["by"], vote["vote"], vote["comment"]) for item in facts["items"] for vote in item["votes"]
    }
    assert len(told) == 4
    entries = {vote["entry"]: vote for item in facts["items"] for vote in item["votes"]}
    assert {one.pk for one in noted} == set(entries)  # each vote names its own entry of the audit
    for one in noted:
        assert (entries[one.pk]["by"], entries[one.pk]["comment"]) == (one.actor_name, one.remark)
    assert [(one["event"], one["by"]) for one in facts["steps"]] == [
        (one.event, one.actor_name)
        for one in Entry.objects.filter(event__in=("meeting.decided", "meeting.deferred")).order_by("id")
    ]
    assert {item["change"]: item["outcome"] for item in facts["items"]} == {
        first.reference: "approved", second.reference: "declined", third.reference: "open",
    }  # fmt: skip
    assert (facts["present"], facts["chaired_by"]) == (["cleo", "mia"], "cleo")
    assert "> \\# Not a heading\n> We wait." in closed.minutes.text  # opened elsewhere, it is none either
    assert "I wrote \\# it" in closed.minutes.text
    for said in (
        "Decision: approved (in the meeting)",
        "- Mia Berg: declined: No way back.",
        "- Cleo Stern (cleo) put an item off: item: ",
        f"- Cleo Stern (cleo) closed an item: item: {second.reference}, decision: declined: Closed \\# as voted.\n",
        "Present: Cleo Stern (cleo), Mia Berg.",
        "chaired by Cleo Stern (cleo).",
        "- marc: withdrew from deciding: I wrote \\# it",  # who has no name
    ):
        assert said in closed.minutes.text
    with pytest.raises(WrongState):
        meetings.close_meeting(closed, actor=scene.people["cleo"], at=T0 + 3 * HOUR)


def test_each_vote_of_one_person_leads_to_its_own_entry(scene: Scene) -> None:
    first = scene.changes[0]
    for vote in ("abstain", "discuss", "approve"):
        scene.vote(first, "mia", vote)
    facts = meetings.close_meeting(scene.meeting, actor=scene.people["cleo"], at=T0 + 2 * HOUR).minutes.facts
    said = [vote for item in facts["items"] if item["change"] == first.reference for vote in item["votes"]]
    assert [one["vote"] for one in said] == ["abstain", "discuss", "approve"]
    assert [Entry.objects.get(pk=one["entry"]).changes["decision"][1] for one in said] == [one["vote"] for one in said]


def test_votes_for_a_closed_meeting_and_stale_items_are_refused_with_the_reason(
    scene: Scene, api: Callable[[User], APIClient], sitting: dict[str, User]
) -> None:
    items = [scene.asked(change) for change in scene.changes]
    here, chair = f"/api/v1/meetings/{scene.meeting.pk}/", api(sitting["cleo"])
    scene.vote(scene.changes[0], "marc")
    scene.vote(scene.changes[0], "mia")  # settled
    settled, other, third = (one.ask.pk for one in items)
    vote = {"vote_id": str(uuid4()), "vote": "approve"}
    table: list[tuple[str, dict[str, Any], int, str]] = [
        (f"/api/v1/items/{settled}/votes/", vote, 409, "settled"),
        (f"/api/v1/items/{other}/votes/", vote | {"vote": "perhaps"}, 400, ""),
        (f"/api/v1/items/{other}/votes/", vote | {"comment": "x" * 4001}, 400, ""),
        (f"/api/v1/items/{10**17}/votes/", vote, 404, ""),
        (f"{here}decide/", {"item": settled}, 409, "settled"),
        (f"{here}decide/", {"item": 10**9}, 404, ""),
        (f"{here}defer/", {"item": other, "to": scene.meeting.pk, "reason": "Later."}, 400, "later"),
        (f"{here}defer/", {"item": other, "to": 10**9, "reason": "Later."}, 404, ""),
        (f"{here}order/", {"order": [other]}, 400, "every item"),
        (f"{here}order/", {"order": [other, other]}, 400, "every item"),
        (f"{here}order/", {"order": [settled, other, third]}, 400, "every item"),
    ]
    for address, body, status, words in table:
        answer = chair.post(address, body, format="json")
        assert (answer.status_code, words in str(answer.json())) == (status, True), (address, body, answer.content)
    meetings.close_meeting(scene.meeting, actor=scene.people["cleo"], at=T0 + 2 * HOUR)
    before = scene.meeting.items.count()
    for address, body in (
        ("decide/", {"item": other}), ("note/", {"item": other, "notes": "x"}), ("close/", {}), ("open/", {}), ("cancel/", {"reason": "x"}),
        ("defer/", {"item": other, "to": scene.later.pk, "reason": "x"}), ("order/", {"order": [other, third]}),
    ):  # fmt: skip
        answer = chair.post(here + address, body, format="json")
        assert answer.status_code == 409, (address, answer.content)
    assert scene.meeting.items.count() == before


def test_a_board_settles_twelve_items_nine_of_them_before_it_meets(
    found: Callable[..., Board], asked: Callable[..., Change], sitting: dict[str, User], managing: Actor,
    as_actor: Callable[[User], Actor],
) -> None:  # fmt: skip
    board, first = found(), asked()
    changes = [first, *(asked(service=first.service) for _ in range(11))]
    planned, later = (
        meetings.plan_meeting(board, actor=managing, starts_at=at, ends_at=at + HOUR, at=T0)
        for at in (T0 + HOUR, T0 + HOUR + WEEK)
    )
    people = {name: as_actor(user) for name, user in sitting.items()}
    asks = {one.change.pk: one for one in open_of(board)}

    def vote(change: Change, at: Any, **said: str) -> None:
        for name, words in said.items():
            what, _, comment = words.partition(": ")
            deciding.vote(asks[change.pk], actor=people[name], vote=what, comment=comment, vote_id=uuid4(), at=at)

    for change in changes[:9]:
        vote(change, T0 + MINUTE, marc="approve", mia="approve")
    opposed, discussed, withdrawn = changes[9:]
    vote(opposed, T0 + MINUTE, marc="decline: It clashes with the sale.", mia="approve")
    vote(discussed, T0 + MINUTE, mia="discuss")
    scene = Scene(board, changes, people, planned, later)
    assert [entry.change for entry in agenda(scene.meeting)] == changes[9:]
    vote(opposed, T0 + HOUR, cleo="approve")
    vote(discussed, T0 + HOUR, cleo="approve", marc="approve")
    vote(withdrawn, T0 + HOUR, marc="recuse: I wrote it.", cleo="abstain", mia="decline: No way back.")
    assert [scene.close(change).outcome for change in changes[9:]] == ["declined", "approved", "declined"]
    facts = meetings.close_meeting(scene.meeting, actor=people["cleo"], at=T0 + 2 * HOUR).minutes.facts
    assert [item["before_the_meeting"] for item in facts["items"]] == [True] * 9 + [False] * 3
    assert [item["outcome"] for item in facts["items"]] == ["approved"] * 9 + ["declined", "approved", "declined"]
    minuted = [
        (vote["entry"], vote["by"], vote["vote"], vote["comment"]) for item in facts["items"] for vote in item["votes"]
    ]
    audited = Entry.objects.filter(event="change.answered").values_list("id", "actor_name", "changes", "remark")
    assert sorted(minuted) == sorted((pk, who, said["decision"][1], remark) for pk, who, said, remark in audited)
    assert len(minuted) == 18 + 3 + 3 + 3


def test_an_item_is_closed_in_session_only(scene: Scene) -> None:
    change = scene.changes[0]
    scene.vote(change, "marc", "discuss")
    scene.vote(change, "mia")
    scene.vote(change, "cleo")
    with pytest.raises(WrongState, match="while the meeting is in session"):
        deciding.close_item(scene.later, scene.asked(change), actor=scene.people["cleo"], at=T0 + HOUR)
    assert scene.close(change).outcome == "approved"


def test_minutes_begin_where_those_of_the_last_meeting_end(scene: Scene) -> None:
    first, second, third = scene.changes
    scene.vote(first, "marc")
    scene.vote(first, "mia")
    meetings.close_meeting(scene.meeting, actor=scene.people["cleo"], at=T0 + 2 * HOUR)
    opened = meetings.open_meeting(scene.later, actor=scene.people["cleo"], at=T0 + WEEK)
    one = scene.asked(second)
    for name in ("marc", "mia"):
        deciding.vote(one, actor=scene.people[name], vote="approve", comment="", vote_id=uuid4(), at=T0 + WEEK + MINUTE)
    facts = meetings.close_meeting(opened, actor=scene.people["cleo"], at=T0 + WEEK + HOUR).minutes.facts
    said = {item["change"]: (item["outcome"], item["before_the_meeting"]) for item in facts["items"]}
    assert said == {second.reference: ("approved", False), third.reference: ("open", False)}


def test_minutes_are_facts_or_a_file_as_they_are_asked_for_over_rest(
    scene: Scene, api: Callable[[User], APIClient], sitting: dict[str, User]
) -> None:
    reader, where = api(sitting["ann"]), f"/api/v1/meetings/{scene.meeting.pk}/minutes/"
    for kind in ("application/json", "text/markdown", "application/pdf"):
        early = reader.get(where, headers={"accept": kind})
        assert (early.status_code, early.json()["status"]) == (404, 404), kind
    kept = meetings.close_meeting(scene.meeting, actor=scene.people["cleo"], at=T0 + 2 * HOUR).minutes
    assert reader.get(where).json()["text"] == kept.text
    text = reader.get(where, headers={"accept": "text/markdown"})
    assert (text["Content-Type"], text.content.decode()) == ("text/markdown; charset=utf-8", kept.text)
    paper = reader.get(where, headers={"accept": "application/pdf"})
    assert (paper["Content-Type"], paper.content) == ("application/pdf", on_paper(kept))
    assert paper.content.startswith(b"%PDF-")
    assert reader.get(where, headers={"accept": "text/csv"}).status_code == 406


def test_nothing_is_done_to_a_closed_meeting(scene: Scene) -> None:
    one = scene.asked(scene.changes[0])
    meetings.close_meeting(scene.meeting, actor=scene.people["cleo"], at=T0 + 2 * HOUR)
    for step in (
        lambda: deciding.close_item(scene.meeting, one, actor=scene.people["cleo"], at=T0),
        lambda: deciding.note(scene.meeting, one, actor=scene.people["cleo"], notes="x"),
        lambda: deciding.defer(scene.meeting, one, actor=scene.people["cleo"], to=scene.later, reason="x"),
    ):
        with pytest.raises(WrongState):
            step()


def test_the_board_meets_once_at_a_time_and_its_people_are_told(scene: Scene, sitting: dict[str, User]) -> None:
    with pytest.raises(WrongState, match="in session"):
        meetings.open_meeting(scene.later, actor=scene.people["cleo"], at=T0)
    with pytest.raises(IntegrityError), transaction.atomic():
        Meeting.objects.filter(pk=scene.later.pk).update(status="in_session")
    assert Notification.objects.filter(to=sitting["ann"], path=scene.meeting.get_absolute_url()).exists()


def test_an_agenda_asks_no_more_of_the_database_for_many_items_than_for_one(
    scene: Scene, django_assert_num_queries: Any
) -> None:
    for change in scene.changes:
        scene.vote(change, "marc", "discuss")
    few, many = open_of(scene.board)[:1], open_of(scene.board)
    with CaptureQueriesContext(connection) as of_one:
        assert len(entries(few, {})) == 1
    with django_assert_num_queries(len(of_one)):
        assert [one.votes.discuss for one in entries(many, {})] == [frozenset({scene.people["marc"].id})] * 3


def test_novelty_is_by_the_runs_that_the_gate_counts(scene: Scene) -> None:
    change = scene.changes[0]
    History.objects.create(service=change.service, environment=change.environment, runs=15, as_of=T0)
    History.objects.create(service=change.service, environment="elsewhere", runs=95, as_of=T0)
    assert {str(one.factors.novelty) for one in entries(open_of(scene.board), {})} == {"0.25"}


def test_who_may_vote_about_each_of_many_is_who_may_about_it_alone(
    scene: Scene, asked: Callable[..., Change], sitting: dict[str, User]
) -> None:
    elsewhere = asked()
    Change.objects.filter(pk=elsewhere.pk).update(implementer=sitting["mia"])
    asks = [one.ask for one in open_of(scene.board)]
    assert panels.sitting_of(asks) == {ask.pk: panels.sitting(ask) for ask in asks}
    assert {len(panels.voters(ask)) for ask in asks} == {2, 3}  # mia has an interest in one service


def test_the_live_part_of_a_page_is_drawn_again_once_something_has_moved(
    scene: Scene, client: Client, sitting: dict[str, User]
) -> None:
    client.force_login(sitting["cleo"], backend="itsm.accounts.backends.PeopleOnly")
    address = f"{scene.meeting.get_absolute_url()}live/"
    mark = client.get(address).context["mark"]
    assert client.get(f"{address}?since={mark}").status_code in (200, 204)  # 200 where a minute has begun between
    assert pages.mark_of(scene.meeting, T0) == pages.mark_of(scene.meeting, T0 + timedelta(seconds=59))
    known = {pages.mark_of(scene.meeting, T0), pages.mark_of(scene.meeting, T0 + MINUTE)}
    scene.vote(scene.changes[0], "marc", "discuss")
    known.add(pages.mark_of(scene.meeting, T0))
    deciding.reorder(
        scene.meeting, actor=scene.people["cleo"], order=[one.ask.pk for one in reversed(agenda(scene.meeting))]
    )
    known.add(pages.mark_of(scene.meeting, T0))
    meetings.be_present(scene.meeting, actor=scene.people["mia"], at=T0 + HOUR)
    known.add(pages.mark_of(scene.meeting, T0))
    assert len(known) == 5


def test_presence_is_noted_once_however_often_somebody_looks(scene: Scene) -> None:
    for minutes in range(3):
        meetings.be_present(scene.meeting, actor=scene.people["mia"], at=T0 + HOUR + minutes * MINUTE)
    seen = scene.meeting.presences.get(person__username="mia")
    assert (seen.came_at, seen.seen_at) == (T0 + HOUR, T0 + HOUR + 2 * MINUTE)


def test_what_a_decision_said_is_read_once_and_a_newer_one_is_read_anew(
    scene: Scene, django_assert_num_queries: Any
) -> None:
    agenda_queries._READ.clear()
    asked = open_of(scene.board)[:1]
    with CaptureQueriesContext(connection) as first:
        said = entries(asked, {})
    with django_assert_num_queries(len(first) - 1):
        assert entries(asked, {}) == said
    change = asked[0].change
    old = Decision.objects.filter(change=change).latest("decided_at")
    newer = Decision.objects.get(pk=old.pk)
    newer.pk, newer.verdict, newer.verdict_hash = None, {**old.verdict, "budgets": []}, "f" * 64
    newer.save(force_insert=True)
    Evaluation.objects.filter(change=change).update(decision=newer)
    assert entries(asked, {})[0].factors.scarcity == 1  # nobody can see a budget any more
