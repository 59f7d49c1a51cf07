"""Steps before an authority: the policy asks people first, step after step, by the engine that requests use too."""

from collections.abc import Callable
from copy import deepcopy
from datetime import datetime
from typing import Any

import pytest

from changes.change.operations import asking, editing, evaluating, evaluations, people_decide
from changes.change.operations.evaluations import live_evaluation
from changes.change.queries.at_stake import at_stake
from changes.change.queries.pages import record
from changes.gate.policy import policy_to_json
from changes.gate.policy_default import default_policy
from changes.models import Change
from changes.policies import operations as policies
from itsm.accounts.models import Membership, Team, User
from itsm.approvals.models import ApprovalPlan, ApprovalRequest
from itsm.approvals.queries import waiting_for
from itsm.audit.models import Entry
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted, WrongState
from tests.factories.changes import a_measured_service, ask, change_of
from tests.factories.slo import MINUTE, T0

pytestmark = pytest.mark.django_db
LEAD_THEN_OWNERS = [
    {"parts": [{"who": "team_lead"}]},
    {"rule": "any", "parts": [{"who": "role", "value": "owner", "quorum": "50%"}, {"who": "manager"}]},
]
Say = Callable[..., Change]


@pytest.fixture
def people(person: Callable[..., User], payments: Team) -> dict[str, User]:
    """A lead of the team, two owners outside of it, an approver."""
    lead = person("engineer", payments, username="lena")
    Membership.objects.filter(team=payments, user=lead).update(lead=True)
    owners = [person("owner", username=name) for name in ("olaf", "omar")]
    return {one.username: one for one in (lead, *owners, person("approver", username="anna"))}


@pytest.fixture
def rules(person: Callable[..., User], as_actor: Callable[[User], Actor]) -> Callable[..., None]:
    """Make a policy rule whose peers are asked after these steps."""
    number = [1]
    manager, admin = (as_actor(person(role, username=f"{role}-of-rules")) for role in ("manager", "admin"))

    def rule(before: Any) -> None:
        number[0] += 1
        content = deepcopy(policy_to_json(default_policy(version=number[0])))
        for one in content["authorities"].values():
            one.pop("before", None)
            if before is not None:
                one["before"] = before
        version = policies.propose(content, actor=manager, at=T0)
        policies.decide(version, actor=admin, decision="approve", comment="", at=T0)

    return rule


@pytest.fixture
def say(people: dict[str, User], as_actor: Callable[[User], Actor]) -> Say:
    def say(change: Change, name: str, decision: str = "approve", comment: str = "", **more: Any) -> Change:
        return people_decide.decide_by_person(
            change, actor=as_actor(people[name]), decision=decision, comment=comment, **({"at": T0} | more)
        )

    return say


@pytest.fixture
def waiting(rules: Callable[..., None], people: dict[str, User], payments: Team, asker: Actor) -> Change:
    rules(LEAD_THEN_OWNERS)
    return change_of(ask(a_measured_service(team=payments), asker))


def asked() -> list[tuple[str, str]]:
    """What is open: part ("" for the authority itself), and who it is."""
    return [(one.part, one.authority) for one in ApprovalRequest.objects.filter(status="open").order_by("id")]


def test_one_step_after_the_other_and_then_the_authority(
    waiting: Change, say: Say, people: dict[str, User], as_actor: Any
) -> None:
    assert [part for part, _who in asked()] == ["1.1"]
    with pytest.raises(NotPermitted):
        say(waiting, "anna")
    assert not waiting_for(as_actor(people["anna"])).exists()
    assert say(waiting, "lena").status == "assessing"
    assert [part for part, _who in asked()] == ["2.1", "2.2"]
    say(waiting, "olaf")
    assert [part for part, _who in asked()] == [""]
    assert say(waiting, "anna").status == "scheduled"
    plan = ApprovalPlan.objects.get()
    assert (plan.status, plan.step) == ("approved", 1)
    told = Entry.objects.filter(event="change.answered", record_id=waiting.pk).values_list("actor_name", flat=True)
    assert sorted(told) == ["anna", "lena", "olaf"]


def test_a_no_in_any_step_ends_it(waiting: Change, say: Say) -> None:
    say(waiting, "lena")
    assert say(waiting, "omar", "decline", "Not before the audit.").status == "draft"
    assert not asked()
    assert ApprovalPlan.objects.get().status == "declined"
    assert waiting.evaluations.get().status == "rejected"


def test_nobody_with_an_interest_is_asked_in_any_step(
    rules: Any, people: dict[str, User], payments: Team, as_actor: Any, person: Any
) -> None:
    rules(LEAD_THEN_OWNERS)
    second = person("engineer", payments, username="lars")
    User.objects.filter(pk=people["lena"].pk).update(manager=people["omar"])
    people["lena"].refresh_from_db()
    change = change_of(ask(a_measured_service(team=payments), as_actor(people["lena"])))
    first = ApprovalRequest.objects.get(status="open")
    assert first.people == [second.pk]
    told = Entry.objects.filter(event="change.asked_others", record_id=change.pk)
    assert "nobody there may decide" in told.get().remark
    with pytest.raises(NotPermitted, match="Four eyes"):
        people_decide.decide_by_person(change, actor=as_actor(people["lena"]), decision="approve", comment="", at=T0)


def test_judged_again_what_was_said_stays_and_other_content_voids_it(waiting: Change, say: Say, asker: Actor) -> None:
    say(waiting, "lena")
    evaluating.evaluate_now(waiting, actor=asker, at=T0 + 30 * MINUTE)
    assert ApprovalPlan.objects.get().step == 1
    say(waiting, "omar")
    evaluating.evaluate_now(waiting, actor=asker, at=T0 + 60 * MINUTE)
    assert (ApprovalPlan.objects.count(), [part for part, _who in asked()]) == (1, [""])
    now = Change.objects.get(pk=waiting.pk)
    editing.edit(now, actor=asker, version=now.version, at=T0 + 61 * MINUTE, plan="Another way")
    assert not asked()
    with pytest.raises(WrongState):
        say(waiting, "anna")


def test_taken_back_nothing_of_it_stays_open(waiting: Change, say: Say, asker: Actor) -> None:
    people_decide.revert(waiting, actor=asker, at=T0)
    assert not asked()
    assert ApprovalPlan.objects.get().status == "withdrawn"


def test_another_policy_asks_anew(waiting: Change, say: Say, asker: Actor, rules: Any) -> None:
    say(waiting, "lena")
    rules(None)
    evaluating.evaluate_now(waiting, actor=asker, at=T0 + 30 * MINUTE)
    assert ([part for part, _who in asked()], ApprovalPlan.objects.get().status) == ([""], "withdrawn")
    rules(LEAD_THEN_OWNERS)
    evaluating.evaluate_now(waiting, actor=asker, at=T0 + 60 * MINUTE)
    assert [part for part, _who in asked()] == ["1.1"]


def due_at() -> datetime:
    """Of what is asked now."""
    found = ApprovalRequest.objects.filter(status="open").values_list("due_at", flat=True)[0]
    assert found is not None
    return found


def test_each_step_has_as_long_and_silence_approves_nothing(waiting: Change, say: Say) -> None:
    first = due_at()
    late = first - MINUTE
    say(waiting, "lena", at=late)
    due.sweep(first)
    assert due_at() == late + (first - T0)
    assert waiting.evaluations.get().status == "pending"
    evaluations.people_in_time(waiting.pk, due_at())
    assert (waiting.evaluations.get().status, asked()) == ("expired", [])
    assert ApprovalPlan.objects.get().status == "withdrawn"


def test_page_queue_and_rest_say_who_is_asked_before(
    waiting: Change, say: Say, web: Any, api: Any, people: dict[str, User]
) -> None:
    page = web(people["lena"]).get(waiting.get_absolute_url()).content.decode()
    assert "Lead of Payments" in page
    assert [one.is_current for one in record(waiting, T0).before] == [True, False]
    queue = api(people["lena"]).get("/api/v1/approvals/mine/").json()
    assert [one["record"] for one in queue["results"]] == [waiting.reference]
    answer = api(people["lena"]).get(f"/api/v1/gate-evaluations/{waiting.evaluations.get().pk}/").json()
    assert answer["authority"]["before"][0] == {
        "rule": "all", "parts": [{"who": "team_lead", "value": "", "quorum": "any"}],
    }  # fmt: skip


def test_asked_when_held_is_the_authority_and_what_was_said_is_named_before_an_edit(
    waiting: Change, say: Say, asker: Actor
) -> None:
    for name in ("lena", "olaf"):
        say(waiting, name)
    lost = at_stake(live_evaluation(waiting), Change.objects.get(pk=waiting.pk), T0)
    assert lost is not None
    assert lost.approved_by == ("olaf", "lena")


def test_the_queue_takes_the_word_of_a_step(waiting: Change, people: dict[str, User], web: Any) -> None:
    ask = ApprovalRequest.objects.get(status="open")
    page = web(people["lena"]).get("/approvals/", {"ask": ask.pk})
    assert waiting.reference in page.content.decode()
    form = page.context["form"]
    sent = {**{name: form.initial[name] for name in ("version", "seen", "vote_id")}, "vote": "approve", "comment": "Go"}
    answer = web(people["lena"]).post(f"/approvals/{ask.pk}/", sent)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    assert [part for part, _who in asked()] == ["2.1", "2.2"]


def test_what_was_said_about_other_content_counts_no_more(waiting: Change, say: Say, asker: Actor) -> None:
    for name in ("lena", "olaf"):
        say(waiting, name)
    now = Change.objects.get(pk=waiting.pk)
    editing.edit(now, actor=asker, version=now.version, at=T0 + MINUTE, plan="Another way")
    asking.ask_again(Change.objects.get(pk=waiting.pk), actor=asker, at=T0 + 2 * MINUTE)
    assert [part for part, _who in asked()] == ["1.1"]
