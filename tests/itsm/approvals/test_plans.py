"""Steps, parts, quorums: who is asked when, what an answer comes to, and what nobody gets around."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from itsm.approvals import delegating
from itsm.approvals.models import ApprovalDecision, ApprovalPlan, ApprovalRequest
from itsm.approvals.plans import Part, PlanOutcome, Step, answer_plan, begin, noted, open_plan, withdraw_plan
from itsm.approvals.queries import waiting_for
from itsm.kernel.errors import InvalidInput, MissingInformation, NotPermitted, WrongState
from itsm.notifications.models import Notification
from tests.together import each_of

pytestmark = pytest.mark.django_db
NOW = timezone.now()  # delegations are looked at by the clock
HASH = "a" * 64


@pytest.fixture
def people(person):
    """Six people, most of whom only ask: who is named decides, whatever their roles."""
    return {name: person("requester", username=name) for name in ("rita", "mona", "sam", "sue", "sol", "dan")}


@pytest.fixture
def put(payments, people):
    """Put a plan about a team, asked for by rita."""

    def plan(*steps, due_at=None):
        return begin(
            payments, steps, content_hash=HASH, excluded=[people["rita"].pk], at=NOW, due_at=due_at, subject="Decide"
        )

    return plan


@pytest.fixture
def says(payments, people, as_actor):
    def say(name, decision="approve", comment="because", content_hash=HASH, at=NOW):
        return answer_plan(
            payments, actor=as_actor(people[name]), decision=decision, comment=comment, content_hash=content_hash, at=at
        )

    return say


@pytest.fixture
def part(people):
    def make(name, *names, quorum=1):
        return Part(name, frozenset(people[one].pk for one in names), quorum, name.title())

    return make


def asked() -> dict[str, str]:
    """Every ask by its part, as it stands."""
    return dict(ApprovalRequest.objects.values_list("part", "status"))


def waits_for(people, as_actor) -> set[str]:
    return {name for name, one in people.items() if waiting_for(as_actor(one), NOW).exists()}


def test_the_next_step_is_asked_only_after_the_former(put, says, part, people, as_actor):
    put(Step((part("manager", "mona"),)), Step((part("security", "sam", "sue", "sol", quorum=2),)))
    assert waits_for(people, as_actor) == {"mona"}
    assert asked() == {"manager": "open"}
    assert says("mona") == PlanOutcome.OPEN
    assert waits_for(people, as_actor) == {"sam", "sue", "sol"}
    assert says("sam") == PlanOutcome.OPEN
    assert says("sol") == PlanOutcome.APPROVED
    assert asked() == {"manager": "approved", "security": "approved"}
    assert waits_for(people, as_actor) == set()
    assert ApprovalPlan.objects.get().status == "approved"


def test_people_of_a_step_are_told_when_it_is_their_turn_and_once(put, says, part):
    put(Step((part("manager", "mona"), part("cost", "mona"))), Step((part("security", "sam"),)))
    assert list(Notification.objects.values_list("to__username", "subject", "path")) == [
        ("mona", "Decide", "/teams/payments/")
    ]
    says("mona")
    assert set(Notification.objects.values_list("to__username", flat=True)) == {"mona", "sam"}


def test_a_step_of_all_waits_for_each_part_and_any_is_content_with_one(put, says, part):
    put(Step((part("one", "sam"), part("two", "sue"))))
    assert says("sam") == PlanOutcome.OPEN
    assert asked() == {"one": "approved", "two": "open"}
    assert says("sue") == PlanOutcome.APPROVED
    put(Step((part("one", "sam"), part("two", "sue")), rule="any"))
    assert says("sue") == PlanOutcome.APPROVED
    assert list(ApprovalRequest.objects.order_by("-id").values_list("part", "status")[:2]) == [
        ("two", "approved"),
        ("one", "withdrawn"),
    ]


def test_one_word_counts_in_every_part_of_the_step_that_asks_them(put, says, part):
    put(Step((part("one", "sam"), part("two", "sam", "sue", quorum=2))))
    says("sam")
    assert ApprovalDecision.objects.count() == 2
    assert asked() == {"one": "approved", "two": "open"}
    with pytest.raises(WrongState, match="already answered"):
        says("sam")
    assert says("sue") == PlanOutcome.APPROVED


def test_a_decline_ends_all_of_it_even_after_others_approved(put, says, part):
    put(Step((part("one", "sam", "sol", quorum=2), part("two", "sue"))), Step((part("three", "dan"),)))
    says("sam")
    assert says("sue", "decline", "too dear") == PlanOutcome.DECLINED
    assert asked() == {"one": "withdrawn", "two": "declined"}
    assert ApprovalPlan.objects.get().status == "declined"
    with pytest.raises(WrongState, match="Nobody is asked"):
        says("sol")


def test_a_decline_says_why_and_votes_are_for_boards(put, says, part):
    put(Step((part("one", "sam"),)))
    with pytest.raises(MissingInformation):
        says("sam", "decline", "  ")
    with pytest.raises(InvalidInput, match="Only boards vote"):
        says("sam", "abstain")
    assert open_plan_has_no_answer()


def open_plan_has_no_answer() -> bool:
    return ApprovalPlan.objects.get().status == "open" and not ApprovalDecision.objects.exists()


def test_an_answer_about_other_content_does_not_count(put, says, part):
    put(Step((part("one", "sam"),)))
    with pytest.raises(WrongState, match="has changed since"):
        says("sam", content_hash="b" * 64)
    assert open_plan_has_no_answer()


@pytest.mark.parametrize("who", ["mona", "dan"])
def test_who_is_not_named_does_not_answer_nor_administrators(put, says, part, people, who):
    put(Step((part("one", "sam"),)))
    people["dan"].roles = ["admin", "manager"]
    people["dan"].save()
    with pytest.raises(NotPermitted, match="waits for One"):
        says(who)


def test_who_asked_is_taken_out_and_a_quorum_that_nobody_reaches_is_refused(put, says, part, people):
    plan = put(Step((part("one", "rita", "sam"),)))
    assert plan.steps[0]["parts"][0]["people"] == [people["sam"].pk]
    with pytest.raises(NotPermitted, match="Four eyes"):
        says("rita")
    with pytest.raises(InvalidInput, match="2 are to approve, and 1 may decide"):
        put(Step((part("one", "rita", "sam", quorum=2),)))
    assert open_plan_has_no_answer()  # the former one stands


def test_a_delegate_decides_with_both_names_kept_and_counts_as_that_seat(put, says, part, people, payments, as_actor):
    hand_over(people["sam"], people["dan"], as_actor)
    put(Step((part("one", "sam", "sue", quorum=2),)))
    assert "dan" in waits_for(people, as_actor)
    says("dan")
    kept = ApprovalDecision.objects.get()
    assert (kept.by, kept.in_place_of) == (people["dan"], people["sam"])
    assert noted(payments) == {"decision": [None, "approve"], "in_place_of": [None, "sam"]}
    with pytest.raises(WrongState, match="already answered"):
        says("sam")
    assert says("sue") == PlanOutcome.APPROVED


def hand_over(person, delegate, as_actor):
    """Whoever decides anything may name a delegate; here both may."""
    for one in (person, delegate):
        one.roles = ["approver"]
        one.save()
    delegating.delegate(
        actor=as_actor(person), delegate=delegate, starts_at=NOW, ends_at=NOW + timedelta(days=3), at=NOW
    )


def test_who_decides_in_the_place_of_who_asked_keeps_out(put, says, part, people, as_actor):
    hand_over(people["rita"], people["sam"], as_actor)
    put(Step((part("one", "sam", "sue"),)))
    assert waits_for(people, as_actor) == {"sue"}
    with pytest.raises(NotPermitted, match="decides in the place of rita"):
        says("sam")


def test_asking_anew_or_withdrawing_takes_back_what_is_open(put, says, part, payments):
    put(Step((part("one", "sam"),)))
    put(Step((part("one", "sue"),)))
    assert list(ApprovalPlan.objects.order_by("id").values_list("status", "ended_because")) == [
        ("withdrawn", "asked anew"),
        ("open", ""),
    ]
    assert withdraw_plan(payments, NOW, "cancelled")
    assert not withdraw_plan(payments, NOW, "cancelled")
    assert open_plan(payments) is None
    assert not ApprovalRequest.objects.filter(status="open").exists()
    with pytest.raises(WrongState, match="Nobody is asked"):
        says("sue")


def test_each_step_has_as_long_as_the_first(put, says, part):
    put(Step((part("one", "sam"),)), Step((part("two", "sue"),)), due_at=NOW + timedelta(hours=8))
    says("sam", at=NOW + timedelta(hours=5))
    assert ApprovalRequest.objects.get(part="two").due_at == NOW + timedelta(hours=13)


@each_of(
    "steps",
    [
        [],
        [Step(())],
        [Step((Part("a", frozenset({1}), 1, "A"),), rule="most")],
        [Step((Part("a", frozenset({1}), 0, "A"),))],
        [Step((Part("a", frozenset(), 1, "A"),))],
        [Step((Part("a", frozenset({1}), 1, "A"),)), Step((Part("a", frozenset({2}), 1, "B"),))],
        [Step((Part("", frozenset({1}), 1, "A"),))],
        [Step((Part("a" * 41, frozenset({1}), 1, "A"),))],
        [Step((Part("a", frozenset({1}), 1, "A"),))] * 11,
    ],
)
def test_steps_that_could_not_be_taken_are_refused(put, steps):
    with pytest.raises(InvalidInput):
        put(*steps)
    assert not ApprovalPlan.objects.exists()


class TestTheDatabase:
    """What no operation gets around."""

    def answer(self, one, **more):
        ask = ApprovalRequest.objects.get(status="open")
        kept = {"decision": "approve", "content_hash": HASH, "at": NOW, **more}
        with transaction.atomic():
            ApprovalDecision.objects.create(ask=ask, by=one, **kept)

    def test_only_who_is_named_answers(self, put, part, people):
        put(Step((part("one", "sam"),)))
        with pytest.raises(IntegrityError, match="only the people who are asked"):
            self.answer(people["sue"])
        self.answer(people["sam"])

    def test_nor_who_is_excluded_though_named(self, put, part, people):
        put(Step((part("one", "sam"),)))
        ApprovalRequest.objects.update(people=[people["rita"].pk])
        with pytest.raises(IntegrityError, match="four eyes"):
            self.answer(people["rita"])

    def test_nor_a_delegate_of_who_is_not_named(self, put, part, people, as_actor):
        hand_over(people["sue"], people["sam"], as_actor)
        put(Step((part("one", "sam"),)))
        with pytest.raises(IntegrityError, match="only the people who are asked"):
            self.answer(people["sam"], in_place_of=people["sue"])

    @pytest.mark.parametrize("change", [{"content_hash": "b" * 64}, {"excluded": []}, {"record_id": 5}])
    def test_what_a_plan_is_about_stays(self, put, part, change):
        put(Step((part("one", "sam"),)))
        with pytest.raises(IntegrityError, match="only goes on"), transaction.atomic():
            ApprovalPlan.objects.update(**change)

    def test_a_plan_that_is_over_stays_over(self, put, says, part):
        put(Step((part("one", "sam"),)))
        says("sam")
        with pytest.raises(IntegrityError, match="only goes on"), transaction.atomic():
            ApprovalPlan.objects.update(status="open", decided_at=None)

    @pytest.mark.parametrize("change", [{"people": []}, {"part": ""}, {"role": "admin"}, {"plan": None}])
    def test_a_part_names_its_people_and_no_role(self, put, part, change):
        put(Step((part("one", "sam"),)))
        with pytest.raises(IntegrityError, match="a_part_of_a_plan_names_its_people"), transaction.atomic():
            ApprovalRequest.objects.update(**change)
