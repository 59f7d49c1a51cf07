"""A board's votes: who counts, what settles, what keeps an item for the meeting, and where it goes with too few."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from changes.boards.operations import agenda, keeping
from changes.boards.queries.asks import open_of
from changes.change.operations import evaluating, people_decide
from changes.gate.policy import policy_to_json
from changes.gate.policy_default import default_policy
from changes.models import Board, Change
from changes.policies import operations as policies
from itsm.accounts.models import User
from itsm.approvals import delegating, panels
from itsm.approvals.deciders import deciders
from itsm.approvals.models import ApprovalDecision, ApprovalRequest
from itsm.approvals.queries import waiting_for
from itsm.approvals.reminding import remind
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, MissingInformation, NotPermitted, StaleVersion, WrongState
from itsm.notifications.models import Notification
from tests.factories.changes import change_of
from tests.factories.slo import MINUTE, T0

pytestmark = pytest.mark.django_db
Vote = Callable[..., Change]


@pytest.fixture
def say(sitting: dict[str, User], as_actor: Callable[[User], Actor]) -> Vote:
    """One member's vote about a change."""

    def cast(change: Change, name: str, vote: str = "approve", comment: str = "", **words: Any) -> Change:
        actor = as_actor(sitting[name])
        words = {"vote_id": uuid4(), "at": T0 + MINUTE} | words
        return people_decide.decide_by_person(change, actor=actor, decision=vote, comment=comment, **words)

    return cast


def put(change: Change) -> ApprovalRequest:
    return ApprovalRequest.objects.filter(record_id=change.pk, record_kind="change").latest("id")


def test_a_quorum_without_dissent_approves_at_once(
    found: Callable[..., Board], asked: Callable[..., Change], say: Vote
) -> None:
    board, change = found(), asked()
    assert (put(change).panel_id, put(change).authority) == (board.pk, "Change advisory board")
    assert say(change, "cleo").status == "assessing"
    after = say(change, "marc")
    assert (after.status, put(change).status, after.evaluations.get().decided_by) == ("scheduled", "approved", "person")


def test_who_votes_twice_counts_once_and_both_votes_stand(
    found: Callable[..., Board], asked: Callable[..., Change], say: Vote
) -> None:
    found()
    change = asked()
    say(change, "cleo")
    assert say(change, "cleo", at=T0 + 2 * MINUTE).status == "assessing"
    assert say(change, "cleo", "decline", "It clashes with the sale.").status == "assessing"
    assert list(ApprovalDecision.objects.order_by("id").values_list("decision", flat=True)) == [
        "approve", "approve", "decline",
    ]  # fmt: skip


def test_a_vote_sent_twice_with_one_id_counts_once_also_after_it_is_settled(
    found: Callable[..., Board], asked: Callable[..., Change], say: Vote
) -> None:
    found()
    change, one = asked(), uuid4()
    say(change, "cleo", vote_id=one)
    assert say(change, "cleo", vote_id=one).status == "assessing"
    say(change, "marc")
    assert say(change, "cleo", vote_id=one).status == "scheduled"
    assert ApprovalDecision.objects.count() == 2
    assert Entry.objects.filter(event="change.answered").count() == 2
    with pytest.raises(Conflict):
        say(change, "mia", vote_id=one)


@pytest.mark.parametrize(("vote", "comment"), [("decline", "Not on a Friday."), ("discuss", "")])
def test_dissent_and_discussion_keep_it_for_the_meeting(
    found: Callable[..., Board], asked: Callable[..., Change], say: Vote, vote: str, comment: str
) -> None:
    found()
    change = asked()
    say(change, "mia", vote, comment)
    say(change, "cleo")
    assert say(change, "marc").status == "assessing"
    assert say(change, "mia", "abstain").status == "scheduled"


@pytest.mark.parametrize("vote", ["decline", "recuse"])
def test_declining_and_recusing_need_words(
    found: Callable[..., Board], asked: Callable[..., Change], say: Vote, vote: str
) -> None:
    found()
    with pytest.raises(MissingInformation):
        say(asked(), "mia", vote, " ")


def test_only_members_with_a_vote_are_asked_whatever_their_role(
    found: Callable[..., Board], asked: Callable[..., Change], say: Vote, sitting: dict[str, User],
    person: Callable[..., User], as_actor: Callable[[User], Actor],
) -> None:  # fmt: skip
    found()
    change = asked()
    outside = [person("admin"), person("manager"), person("approver"), sitting["ann"]]
    for one in outside:
        with pytest.raises(NotPermitted, match="is not among them"):
            people_decide.decide_by_person(change, actor=as_actor(one), decision="approve", comment="", at=T0)
        assert not waiting_for(as_actor(one)).exists()
    assert {one.username for one in deciders(put(change)).able} == {"cleo", "marc", "mia"}
    assert all(waiting_for(as_actor(sitting[name])).exists() for name in ("cleo", "marc", "mia"))


def test_too_few_without_an_interest_go_to_the_board_above(
    found: Callable[..., Board], asked: Callable[..., Change], say: Vote, sitting: dict[str, User], asker: Actor
) -> None:
    top = found(name="Executive board", seats={sitting["ann"]: "chair"}, quorum=1, classes=["emergency"])
    found(above=top)
    change = asked()
    say(change, "cleo", "recuse", "I wrote the database that it changes.")
    assert put(change).panel_id != top.pk
    say(change, "marc", "recuse", "So did I.")
    first, second = ApprovalRequest.objects.order_by("id")
    assert (first.status, second.panel_id, second.due_at) == ("withdrawn", top.pk, first.due_at)
    evaluating.evaluate_now(change, actor=asker, at=T0 + 30 * MINUTE)
    assert put(change).pk == second.pk  # judged again it stays there
    assert say(change, "ann").status == "scheduled"


def test_the_board_above_needs_the_quorum_of_the_policy_too(
    found: Callable[..., Board], asked: Callable[..., Change], say: Vote, sitting: dict[str, User], managing: Actor,
    admin: User, as_actor: Callable[[User], Actor],
) -> None:  # fmt: skip
    content = policy_to_json(default_policy(version=2))
    content["authorities"]["cab"]["quorum"] = 2
    version = policies.propose(content, actor=managing, at=T0)
    policies.decide(version, actor=as_actor(admin), decision="approve", comment="", at=T0)
    top = found(name="Executive board", seats={sitting["ann"]: "chair", admin: "member"}, quorum=1, tiers=[4])
    found(above=top)
    change = asked()
    say(change, "cleo", "recuse", "I wrote the database that it changes.")
    say(change, "marc", "recuse", "So did I.")
    assert (put(change).panel_id, put(change).quorum) == (top.pk, 2)
    assert say(change, "ann").status == "assessing"


def test_a_recusal_lowers_the_quorum_where_nobody_stands_above(
    found: Callable[..., Board], asked: Callable[..., Change], say: Vote
) -> None:
    found(quorum=3)
    change = asked()
    say(change, "cleo")
    say(change, "marc")
    assert panels.count(put(change)).needed == 3
    assert say(change, "mia", "recuse", "My team asked for it.").status == "scheduled"


def test_who_wants_something_decided_about_the_service_has_no_vote(
    found: Callable[..., Board], asked: Callable[..., Change], say: Vote, sitting: dict[str, User],
    as_actor: Callable[[User], Actor],
) -> None:  # fmt: skip
    found(quorum=1)
    service = change_of(asked().evaluations.get()).service
    other = asked(service=service)
    Change.objects.filter(pk=other.pk).update(implementer=sitting["mia"])
    change = asked(service=service)
    assert sitting["mia"].pk in put(change).excluded
    with pytest.raises(NotPermitted, match="interest"):
        say(change, "mia")
    with pytest.raises(IntegrityError, match="four eyes"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO approvals_approvaldecision (ask_id, by_id, decision, comment, content_hash, at, vote_id)"
            " VALUES (%s, %s, 'approve', '', %s, now(), %s)",
            [put(change).pk, sitting["mia"].pk, change.content_hash, uuid4()],
        )


def test_the_most_specific_board_is_asked(found: Callable[..., Board], asked: Callable[..., Change]) -> None:
    found(name="All")
    by_tier = found(name="Tier one", tiers=[1])
    found(name="Of another class", classes=["standard"])
    found(name="For emergencies", is_emergency=True)
    change = asked()
    assert put(change).panel_id == by_tier.pk
    of_service = found(name="Of the service", services=[change.service])
    assert put(asked(service=change.service)).panel_id == of_service.pk


def test_without_a_board_the_role_is_asked_as_ever(asked: Callable[..., Change]) -> None:
    assert (put(asked()).panel_kind, put(asked()).role) == ("", "approver")


def test_a_board_needs_as_many_voters_as_its_quorum_and_turns_to_no_loop(
    found: Callable[..., Board], managing: Actor, person: Callable[..., User]
) -> None:
    one = found(name="One")
    two = found(name="Two", above=one)
    with pytest.raises(Exception, match="loop"):
        keeping.edit_board(one, actor=managing, at=T0, version=1, above=two)
    with pytest.raises(Exception, match="quorum of 9"):
        keeping.edit_board(one, actor=managing, at=T0, version=1, quorum=9)
    with pytest.raises(Exception, match="may not decide"):
        found(name="Three", seats={person("agent"): "member"}, quorum=1)
    one.refresh_from_db()
    assert (one.above, one.quorum) == (None, 2)


def test_who_waits_for_a_board_does_not_change_who_sits_in_it(
    found: Callable[..., Board], asked: Callable[..., Change], manager: User, managing: Actor
) -> None:
    board = found()
    change = asked()
    Change.objects.filter(pk=change.pk).update(implementer=manager)
    with pytest.raises(NotPermitted, match="interest"):
        keeping.edit_board(board, actor=managing, at=T0, version=1, quorum=1)
    with pytest.raises(WrongState, match="settled first"):
        keeping.retire_board(board, actor=managing, version=1, at=T0)


def test_who_wants_something_decided_does_not_change_who_is_asked_where_too_few_are_left(
    found: Callable[..., Board], asked: Callable[..., Change], manager: User, managing: Actor
) -> None:
    top = found(name="Executive board", tiers=[4])
    found(name="Between", tiers=[4], above=top)
    found(above=Board.objects.get(name="Between"), tiers=[1])
    Change.objects.filter(pk=asked().pk).update(implementer=manager)
    with pytest.raises(NotPermitted, match="interest"):
        keeping.edit_board(top, actor=managing, at=T0, version=1, quorum=1)


def test_who_wants_something_decided_founds_moves_and_retires_no_board_that_decides_there(
    found: Callable[..., Board], asked: Callable[..., Change], manager: User, managing: Actor
) -> None:
    elsewhere, strict = found(name="Elsewhere", tiers=[4]), found(name="Strict", tiers=[1], is_emergency=True)
    change = asked()
    Change.objects.filter(pk=change.pk).update(implementer=manager)
    for attempt in (
        lambda: found(name="Of my own", services=[change.service]),
        lambda: keeping.edit_board(elsewhere, actor=managing, at=T0, version=1, tiers=[], services=[change.service]),
        lambda: keeping.retire_board(strict, actor=managing, version=1, at=T0),
    ):
        with pytest.raises(NotPermitted, match="interest"):
            attempt()
    assert keeping.edit_board(elsewhere, actor=managing, at=T0, version=1, name="There").name == "There"


def test_whose_changes_a_board_decides_about_moves_with_a_new_version_and_an_entry(
    found: Callable[..., Board], asked: Callable[..., Change], managing: Actor, sitting: dict[str, User]
) -> None:
    board, service = found(), asked().service
    moved = keeping.edit_board(board, actor=managing, at=T0, version=1, services=[service])
    assert moved.version == 2
    with pytest.raises(StaleVersion):
        keeping.edit_board(board, actor=managing, at=T0, version=1, services=[])
    seats = {sitting["cleo"]: "chair", sitting["marc"]: "member"}
    keeping.edit_board(board, actor=managing, at=T0, version=2, name="Another", seats=seats)
    told = Entry.objects.filter(record_kind=Board.kind, record_id=board.pk).order_by("id")
    assert [one.event for one in told] == [f"change_board.{name}" for name in ("created", "edited", "edited", "seated")]
    assert told[1].changes == {"services": [[], [service.slug]]}
    assert keeping.edit_board(board, actor=managing, at=T0, version=3, services=[service], seats=seats).version == 3


def test_a_vote_about_what_is_settled_is_refused(
    found: Callable[..., Board], asked: Callable[..., Change], say: Vote, sitting: dict[str, User],
    as_actor: Callable[[User], Actor],
) -> None:  # fmt: skip
    board = found()
    change = asked()
    one = open_of(board)[0]
    say(change, "cleo")
    say(change, "marc")
    one.ask.refresh_from_db()
    with pytest.raises(WrongState, match="settled"):
        agenda.vote(one, actor=as_actor(sitting["mia"]), vote="decline", comment="No.", vote_id=uuid4(), at=T0)


def test_a_no_goes_on_counting_when_its_author_gets_an_interest_later_and_a_yes_does_not(
    found: Callable[..., Board], asked: Callable[..., Change], say: Vote, sitting: dict[str, User]
) -> None:
    found(quorum=2, rule="majority")
    change = asked()
    say(change, "mia", "decline", "The way back was never tried.")
    other = asked(service=change.service)
    Change.objects.filter(pk=other.pk).update(implementer=sitting["mia"])
    say(change, "cleo")
    assert say(change, "marc").status == "assessing"
    votes = panels.count(put(change))
    assert (votes.why, votes.counted) == ("dissent", 2)  # a no of somebody with an interest makes no quorum
    Change.objects.filter(pk=other.pk).update(implementer=sitting["marc"])
    assert panels.count(put(change)).approved == {sitting["cleo"].pk}


def test_a_substitute_votes_for_the_seat_of_a_member_and_only_where_neither_has_an_interest(
    found: Callable[..., Board], asked: Callable[..., Change], say: Vote, sitting: dict[str, User],
    as_actor: Callable[[User], Actor], person: Callable[..., User],
) -> None:  # fmt: skip
    board = found()
    sitting["sue"], sitting["tom"] = person("engineer", username="sue"), person("engineer", username="tom")
    for member, substitute in (("marc", "sue"), ("mia", "tom")):
        delegating.delegate(
            actor=as_actor(sitting[member]), delegate=sitting[substitute], starts_at=None, scope=f"board:{board.slug}",
            ends_at=timezone.now() + timedelta(days=1), at=T0 - MINUTE,
        )  # fmt: skip
    with pytest.raises(Exception, match="has a seat in"):
        delegating.delegate(
            actor=as_actor(sitting["cleo"]), delegate=sitting["mia"], starts_at=None, scope=f"board:{board.slug}",
            ends_at=timezone.now() + timedelta(days=1), at=T0,
        )  # fmt: skip
    change = asked()
    assert all(waiting_for(as_actor(sitting[name])).exists() for name in ("marc", "sue", "tom"))
    assert [(str(one.delegate), str(one.person)) for one in deciders(put(change)).delegates] == [
        ("sue", "marc"), ("tom", "mia"),
    ]  # fmt: skip
    assert say(change, "sue").status == "assessing"
    assert say(change, "marc").status == "assessing"  # the same seat
    told = Entry.objects.filter(event="change.answered").order_by("id").first()
    assert told is not None
    assert (told.actor_name, told.changes["in_place_of"]) == ("sue", [None, "marc"])
    other = asked(service=change.service)
    Change.objects.filter(pk=other.pk).update(implementer=sitting["mia"])
    with pytest.raises(NotPermitted, match="in the place of mia, who has an interest"):
        say(change, "tom")
    Change.objects.filter(pk=other.pk).update(implementer=sitting["tom"])
    with pytest.raises(NotPermitted):
        say(change, "tom")
    Change.objects.filter(pk=other.pk).update(implementer=None)
    assert say(change, "tom").status == "scheduled"
    assert put(change).answers.latest("id").said_by == "tom for mia"


def test_who_may_vote_keeps_out_with_whom_they_decide_for(
    found: Callable[..., Board], asked: Callable[..., Change], say: Vote, sitting: dict[str, User],
    as_actor: Callable[[User], Actor],
) -> None:  # fmt: skip
    found()
    change = asked()
    say(change, "mia")
    made = delegating.delegate(
        actor=as_actor(sitting["ann"]), delegate=sitting["mia"], starts_at=None, scope="change",
        ends_at=timezone.now() + timedelta(days=1), at=T0,
    )  # fmt: skip
    assert panels.count(put(change)).approved == {sitting["mia"].pk}
    other = asked(service=change.service)
    Change.objects.filter(pk=other.pk).update(implementer=sitting["ann"])
    assert panels.count(put(change)).approved == frozenset()
    with pytest.raises(NotPermitted, match="in the place of ann"):
        say(change, "mia")
    delegating.end_delegation(made, actor=as_actor(sitting["mia"]), at=timezone.now(), version=1)
    assert panels.count(put(change)).approved == {sitting["mia"].pk}


def test_who_decides_for_somebody_with_an_interest_makes_no_board_able_and_who_is_decided_for_does(
    found: Callable[..., Board], asked: Callable[..., Change], sitting: dict[str, User],
    as_actor: Callable[[User], Actor], person: Callable[..., User],
) -> None:  # fmt: skip
    top = found(name="Executive board", seats={sitting["ann"]: "chair"}, quorum=1, classes=["emergency"])
    board = found(above=top, seats={sitting["cleo"]: "chair", sitting["marc"]: "member"})
    eve, ivo = person("engineer", username="eve"), person("engineer", username="ivo")
    day = {"starts_at": None, "scope": "change", "ends_at": timezone.now() + timedelta(days=1), "at": T0}
    service = asked().service
    Change.objects.update(implementer=eve)
    delegating.delegate(actor=as_actor(sitting["marc"]), delegate=ivo, **day)
    assert put(asked(service=service)).panel_id == board.pk
    Change.objects.exclude(implementer=eve).update(implementer=ivo)  # marc's voice is his own still
    assert put(asked(service=service)).panel_id == board.pk
    delegating.delegate(actor=as_actor(eve), delegate=sitting["marc"], **day)
    assert put(asked(service=service)).panel_id == top.pk


def test_no_substitute_uses_a_seat_that_does_not_count(
    found: Callable[..., Board], asked: Callable[..., Change], sitting: dict[str, User],
    as_actor: Callable[[User], Actor], person: Callable[..., User],
) -> None:  # fmt: skip
    found()
    eve, ivo = person("engineer", username="eve"), person("engineer", username="ivo")
    day = {"starts_at": None, "scope": "change", "ends_at": timezone.now() + timedelta(days=1), "at": T0}
    change = asked()
    delegating.delegate(actor=as_actor(sitting["marc"]), delegate=ivo, **day)
    delegating.delegate(actor=as_actor(eve), delegate=sitting["marc"], **day)
    assert ivo.pk in panels.voters(put(change))
    Change.objects.update(implementer=eve)
    assert panels.voters(put(change)) == {sitting["cleo"].pk, sitting["mia"].pk}


def test_a_board_of_which_nobody_may_decide_asks_those_who_appoint(
    found: Callable[..., Board], asked: Callable[..., Change], say: Vote, sitting: dict[str, User], asker: Actor,
    admin: User, person: Callable[..., User],
) -> None:  # fmt: skip
    boss = person("manager", username="boss")
    found(seats={sitting["cleo"]: "chair", sitting["marc"]: "member"}, quorum=1)
    first = asked()

    def told(change: Change, words: str) -> set[str]:
        about = Notification.objects.filter(subject__contains=change.reference, subject__endswith=words)
        return set(about.values_list("to__username", flat=True))

    say(first, "cleo", "recuse", "I wrote it.")
    assert told(first, "appoint others") == set()
    say(first, "marc", "recuse", "So did I.")
    assert {"boss", admin.username} <= told(first, "appoint others")
    Change.objects.filter(pk=first.pk).update(implementer=sitting["cleo"], author=sitting["marc"])
    change = asked(service=first.service)
    assert panels.voters(put(change)) == frozenset()
    assert {"boss", admin.username} <= told(change, "appoint others")
    assert not {"cleo", "marc"} & told(change, "appoint others")
    Notification.objects.all().delete()
    due_at = put(change).due_at
    assert due_at is not None
    assert remind(due_at - MINUTE) == 2
    assert boss.username in told(change, "appoint others")
