"""Delegates: who decides in whose place, for how long, and who never does."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from itsm.accounts.models import Team, User
from itsm.approvals import delegating, eligibility, operations
from itsm.approvals.asked import Panel
from itsm.approvals.counting import waiting_count
from itsm.approvals.deciders import deciders
from itsm.approvals.models import ApprovalDecision, ApprovalRequest, Delegation
from itsm.approvals.queries import delegations, waiting_for
from itsm.approvals.reminding import remind
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted, WrongState
from itsm.notifications.models import Notification
from tests.together import each_of

pytestmark = pytest.mark.django_db
NOW = timezone.now()
DAY = timedelta(days=1)
People = dict[str, User]
AsActor = Callable[[User], Actor]


@pytest.fixture
def thing() -> Any:
    return SimpleNamespace(kind="thing", pk=7, reference="THG-7", get_absolute_url=lambda: "/things/7/")


@pytest.fixture
def people(person: Callable[..., User]) -> People:
    """olga may answer; erik, nora and mia decide elsewhere; rita only requests."""
    roles = {"olga": "owner", "erik": "engineer", "nora": "engineer", "mia": "manager", "rita": "requester"}
    return {name: person(role, username=name) for name, role in roles.items()}


@pytest.fixture
def names(people: People, as_actor: AsActor) -> Callable[..., Delegation]:
    """`person` names a delegate, from yesterday on where nothing else is said."""

    def make(person: str, delegate: str, **words: Any) -> Delegation:
        said: dict[str, Any] = {"starts_at": None, "ends_at": NOW + DAY, "at": NOW - DAY} | words
        return delegating.delegate(actor=as_actor(people[person]), delegate=people[delegate], **said)

    return make


def put(thing: Any, **panel: Any) -> ApprovalRequest:
    return operations.ask(
        thing, Panel("the owner", "owner", **panel), content_hash="a", at=NOW, due_at=None, subject="Waits for you"
    )


def say(thing: Any, actor: Actor, decision: str = "approve", comment: str = "Fine.") -> ApprovalRequest:
    return operations.answer(thing, actor=actor, decision=decision, comment=comment, content_hash="a", at=NOW)


def test_a_delegate_decides_in_the_place_of_somebody_and_both_names_stand(
    thing: Any, people: People, names: Callable[..., Delegation], as_actor: AsActor
) -> None:
    erik = as_actor(people["erik"])
    one = put(thing)
    assert not waiting_for(erik).exists()
    names("olga", "erik")
    assert waiting_for(erik).get() == one
    one = put(thing)
    assert Notification.objects.filter(to=people["erik"], subject__startswith="Waits for you").exists()
    assert say(thing, erik).status == "approved"
    answer = ApprovalDecision.objects.get()
    assert (answer.by, answer.in_place_of, answer.said_by) == (people["erik"], people["olga"], "erik for olga")
    assert operations.noted(one) == {"decision": [None, "approve"], "in_place_of": [None, "olga"]}


def test_what_waits_for_a_delegate_is_counted_in_the_one_statement(
    thing: Any, people: People, names: Callable[..., Delegation], as_actor: AsActor,
    django_assert_num_queries: Callable[..., Any],
) -> None:  # fmt: skip
    put(thing)
    names("olga", "erik")
    erik = as_actor(people["erik"])
    with django_assert_num_queries(1):
        assert waiting_count(erik) == 1


def test_what_waits_is_counted_as_the_delegation_stands_at_that_moment(
    thing: Any, people: People, names: Callable[..., Delegation], as_actor: AsActor, monkeypatch: pytest.MonkeyPatch
) -> None:
    erik = as_actor(people["erik"])
    put(thing)
    names("olga", "erik", starts_at=NOW + DAY / 4, ends_at=NOW + DAY / 2)
    found = []
    for hours in (0, 7, 13, 7):
        monkeypatch.setattr("django.utils.timezone.now", lambda hours=hours: NOW + timedelta(hours=hours))
        found.append(waiting_count(erik))
    assert found == [0, 1, 0, 1]


def test_a_person_and_their_delegate_count_once(
    thing: Any, people: People, names: Callable[..., Delegation], as_actor: AsActor
) -> None:
    put(thing, quorum=2)
    names("olga", "erik")
    assert say(thing, as_actor(people["erik"])).status == "open"
    with pytest.raises(WrongState, match="erik for olga has already answered"):
        say(thing, as_actor(people["olga"]))
    with pytest.raises(IntegrityError, match="answer_once"), transaction.atomic():
        ApprovalDecision.objects.create(
            ask=ApprovalRequest.objects.get(), by=people["olga"], decision="approve", content_hash="a", at=NOW
        )


@pytest.mark.parametrize(
    "words",
    [{"starts_at": NOW + DAY / 2}, {"at": NOW - 3 * DAY, "ends_at": NOW - 2 * DAY}, {"scope": "change"}],
    ids=["not yet", "over", "other records"],
)
def test_outside_its_time_and_scope_a_delegation_gives_nothing(
    thing: Any, people: People, names: Callable[..., Delegation], as_actor: AsActor, words: dict[str, Any]
) -> None:
    one = put(thing)
    names("olga", "erik", **words)
    erik = as_actor(people["erik"])
    assert not waiting_for(erik).exists()
    assert not eligibility.may_answer(one, erik)
    with pytest.raises(NotPermitted, match="not among them"):
        say(thing, erik)
    with pytest.raises(IntegrityError, match="without a delegation"), transaction.atomic():
        ApprovalDecision.objects.create(
            ask=one, by=people["erik"], in_place_of=people["olga"], decision="approve", content_hash="a", at=NOW
        )


def test_nobody_decides_in_the_place_of_whoever_is_excluded_not_even_by_their_own_right(
    thing: Any, people: People, names: Callable[..., Delegation], as_actor: AsActor, person: Callable[..., User]
) -> None:
    people["second"] = person("owner", username="second")
    made = names("olga", "second")
    one = put(thing, excluded={people["olga"].pk})
    second = as_actor(people["second"])
    assert not waiting_for(second).exists()
    assert not eligibility.may_answer(one, second)
    with pytest.raises(NotPermitted, match="in the place of olga, who has an interest"):
        say(thing, second)
    with pytest.raises(IntegrityError, match="four eyes"), transaction.atomic():
        ApprovalDecision.objects.create(ask=one, by=people["second"], decision="approve", content_hash="a", at=NOW)
    delegating.end_delegation(made, actor=second, at=NOW, version=1)
    assert say(thing, second).status == "approved"


def test_who_is_excluded_decides_in_nobodys_place(
    thing: Any, people: People, names: Callable[..., Delegation], as_actor: AsActor
) -> None:
    names("olga", "erik")
    one = put(thing, excluded={people["erik"].pk})
    assert not waiting_for(as_actor(people["erik"])).exists()
    with pytest.raises(NotPermitted, match="Four eyes"):
        say(thing, as_actor(people["erik"]))
    with pytest.raises(IntegrityError, match="four eyes"), transaction.atomic():
        ApprovalDecision.objects.create(
            ask=one, by=people["erik"], in_place_of=people["olga"], decision="approve", content_hash="a", at=NOW
        )


def test_a_delegation_is_not_delegated_on_and_makes_no_loop(
    thing: Any, people: People, names: Callable[..., Delegation], as_actor: AsActor
) -> None:
    one = put(thing)
    names("olga", "erik")
    names("erik", "nora", scope="change")
    assert not eligibility.may_answer(one, as_actor(people["nora"]))
    for person in ("nora", "erik"):
        with pytest.raises(InvalidInput, match="loop"):
            names(person, "olga", scope="policy")
    later = {"starts_at": NOW + 2 * DAY, "ends_at": NOW + 3 * DAY}
    assert names("nora", "olga", **later).starts_at == NOW + 2 * DAY  # at another time it is none
    with pytest.raises(IntegrityError, match="one delegate at a time"), transaction.atomic():
        Delegation.objects.create(
            person=people["erik"], delegate=people["olga"], starts_at=NOW, ends_at=NOW + DAY, made_at=NOW
        )


@each_of(
    ("delegate", "words", "match"),
    [
        ("rita", {}, "may not decide"),
        ("olga", {}, "their own delegate"),
        ("erik", {"ends_at": NOW - 2 * DAY}, "ends after it starts"),
        ("erik", {"ends_at": NOW + 400 * DAY}, "A year at the longest"),
        ("erik", {"scope": "board:of-others"}, "one of: "),
        ("nora", {"starts_at": NOW}, "erik decides in your place"),
    ],
)
def test_what_is_no_delegation_is_refused_with_the_reason(
    people: People, names: Callable[..., Delegation], delegate: str, words: dict[str, Any], match: str
) -> None:
    names("olga", "erik", ends_at=NOW + DAY / 2)
    with pytest.raises(InvalidInput) as refused:
        names("olga", delegate, **words)
    assert match in str(refused.value.errors)


def test_who_decides_nothing_names_nobody_and_programs_do_not_either(
    people: People, as_actor: AsActor, pipeline: User
) -> None:
    for one in (people["rita"], pipeline):
        with pytest.raises(NotPermitted):
            delegating.delegate(actor=as_actor(one), delegate=people["erik"], starts_at=None, ends_at=NOW + DAY, at=NOW)


def test_it_is_ended_at_once_by_either_of_the_two_and_by_administrators(
    thing: Any, people: People, names: Callable[..., Delegation], as_actor: AsActor, admin: User
) -> None:
    put(thing)
    for ender in (people["olga"], people["erik"], admin):
        made = names("olga", "erik")
        with pytest.raises(NotPermitted):
            delegating.end_delegation(made, actor=as_actor(people["nora"]), at=NOW, version=1)
        delegating.end_delegation(made, actor=as_actor(ender), at=NOW, version=1)
        assert not waiting_for(as_actor(people["erik"])).exists()
        with pytest.raises(WrongState, match="is over"):
            delegating.end_delegation(made, actor=as_actor(ender), at=NOW, version=2)
    assert Entry.objects.filter(event="delegation.ended").count() == 3
    with pytest.raises(IntegrityError, match="ended once"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE approvals_delegation SET delegate_id = %s", [people["nora"].pk])


def test_one_sees_ones_own_and_administrators_and_auditors_see_all(
    people: People, names: Callable[..., Delegation], as_actor: AsActor, person: Callable[..., User], payments: Team
) -> None:
    names("olga", "erik")
    seen = {one: delegations(as_actor(people[one])).count() for one in ("olga", "erik", "nora")}
    assert seen == {"olga": 1, "erik": 1, "nora": 0}
    assert delegations(as_actor(person("auditor"))).count() == delegations(as_actor(person("admin"))).count() == 1


def test_who_decides_in_the_place_of_somebody_is_named_with_the_ask(
    thing: Any, people: People, names: Callable[..., Delegation]
) -> None:
    one = put(thing)
    names("olga", "erik")
    shown = deciders(one)
    assert [(str(each.delegate), str(each.person)) for each in shown.delegates] == [("erik", "olga")]
    assert people["erik"] not in shown.able


def test_where_nobody_is_asked_those_hear_whose_answer_would_count(
    thing: Any, people: People, names: Callable[..., Delegation], as_actor: AsActor, person: Callable[..., User]
) -> None:
    people["one"], people["two"] = person("admin", username="one"), person("admin", username="two")
    names("erik", "one")
    User.objects.filter(pk=people["olga"].pk).update(is_active=False)

    def told() -> set[str]:
        found = set(Notification.objects.filter(path="/things/7/").values_list("to__username", flat=True))
        Notification.objects.all().delete()
        return found

    asked = put(thing, excluded={people["erik"].pk})
    assert told() == {"two"}
    assert [str(one) for one in deciders(asked).standing_in] == ["two"]
    names("mia", "two")
    asked = put(thing, excluded={people["erik"].pk, people["mia"].pk})
    assert deciders(asked).is_short
    assert told() == {"one", "two"}  # who can appoint somebody else


def test_nobody_is_reminded_whose_voice_was_heard(
    thing: Any, people: People, names: Callable[..., Delegation], as_actor: AsActor
) -> None:
    names("olga", "erik")
    panel = Panel("the owner", "owner", quorum=2)
    asked = operations.ask(thing, panel, content_hash="a", at=NOW, due_at=NOW + DAY, subject="Waits for you")
    say(thing, as_actor(people["erik"]))
    Notification.objects.all().delete()
    assert remind(NOW + DAY * 0.9) == 1
    told = Notification.objects.filter(subject__contains=" until ").values_list("to__username", flat=True)
    assert not {"olga", "erik"} & set(told)
    assert asked.answers.count() == 1
