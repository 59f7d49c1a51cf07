"""Whom a document means: never those whom it is about, and somebody who can act where its rule finds nobody."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from itsm.accounts.models import Membership, Team, User
from itsm.approvals import delegating
from itsm.approvals.stepping import Part, Step
from itsm.approvals.whom import resolve
from itsm.kernel.errors import InvalidInput
from tests.together import each_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(person, payments):
    """rita reports to mona, mona to max; lea leads payments, pat is in it; sam, sue and sol are security."""
    security = Team.objects.create(slug="security", name="Security")
    made = {name: person("requester", username=name) for name in ("rita", "mona", "max", "ann")}
    made |= {name: person("engineer", payments, username=name) for name in ("lea", "pat")}
    made |= {name: person("engineer", security, username=name) for name in ("sam", "sue", "sol")}
    Membership.objects.filter(user=made["lea"]).update(lead=True)
    User.objects.filter(username="rita").update(manager=made["mona"])
    User.objects.filter(username="mona").update(manager=made["max"])
    return {name: User.objects.get(pk=one.pk) for name, one in made.items()}


@pytest.fixture
def asks(cast, payments):
    """The names that a document means, their quorum, their label and what was found."""

    def ask(who, value="", quorum="any", *, by="rita", served="rita", team=payments, service=None, **more):
        document = {"who": who, "value": value, "quorum": quorum}
        requester, person = (User.objects.get(username=name) for name in (by, served))
        (step,), findings = resolve(
            [{"parts": [document]}], requester=requester, served=person, team=team, service=service, answers=more.pop("answers", {}),
            **more,
        )  # fmt: skip
        (part,) = step.parts
        names = User.objects.filter(pk__in=part.people).order_by("username").values_list("username", flat=True)
        return " ".join(names), part.quorum, part.label, " ".join(findings)

    return ask


def test_the_manager_of_who_is_served_or_the_next_one_above(asks, cast):
    assert asks("manager") == ("mona", 1, "Manager of rita", "")
    assert asks("manager", by="ann")[0] == "mona"  # of the served person, not of who fills the form in
    assert asks("manager", by="mona")[0] == "max"  # she asks for rita
    User.objects.filter(username="mona").update(is_active=False)
    assert asks("manager")[0] == "max"


def test_who_has_no_manager_is_decided_by_the_team_s_leads_and_it_is_said(asks):
    assert asks("manager", served="max", by="max") == (
        "lea", 1, "the leads of Payments",
        "Manager of max: nobody there may decide; the leads of Payments are asked instead.",
    )  # fmt: skip


def test_delegates_of_who_asks_keep_out(asks, cast, as_actor):
    for name in ("rita", "mona"):
        User.objects.filter(username=name).update(roles=["approver"])
    rita, mona = (User.objects.get(username=name) for name in ("rita", "mona"))
    now = timezone.now()
    delegating.delegate(actor=as_actor(rita), delegate=mona, starts_at=None, ends_at=now + timedelta(days=1), at=now)
    names, _quorum, _label, findings = asks("manager")
    assert (names, findings) == ("max", "mona decides in the place of who asks or is served: max is asked instead.")


def test_programs_count_as_who_owns_them(asks, cast, person):
    person("engineer", username="robot", account_type="service", owner=cast["mona"])
    assert asks("manager", by="robot")[0] == "max"


@each_of(
    ("quorum", "needed"),
    [("any", 1), ("all", 3), (2, 2), ("2", 2), ("50%", 2), ("34%", 2), ("33%", 1), ("67%", 3), ("100%", 3), ("1 %", 1)],
)
def test_a_share_is_rounded_up_of_the_people_who_may(asks, quorum, needed):
    assert asks("team", "security", quorum) == ("sam sol sue", needed, "Security", "")


def test_a_share_counts_without_who_asked(asks):
    assert asks("team", "security", "50%", by="sam")[:2] == ("sol sue", 1)
    assert asks("team", "security", "all", by="sam")[:2] == ("sol sue", 2)


def test_too_few_are_filled_up_and_never_fewer_are_enough(asks, admin):
    people, quorum, label, found = asks("team", "security", 4)
    assert (people, quorum, label) == ("lea sam sol sue", 4, "Security")
    assert found == "Security: 3 of 4 may decide; the leads of Payments are asked too."
    assert asks("team", "security", 9)[:2] == ("admin lea pat sam sol sue", 6)
    assert "6 may decide where 9 should" in asks("team", "security", 9)[3]


@pytest.mark.parametrize(
    ("who", "value"), [("team", "gone"), ("person", "gone"), ("role", "auditor"), ("question", "q")]
)
def test_a_rule_that_finds_nobody_leads_to_people(asks, who, value):
    people, quorum, _label, found = asks(who, value)
    assert (people, quorum, bool(found)) == ("lea", 1, True)


def test_without_a_team_administrators_and_without_those_nobody(asks, admin):
    assert asks("team", "gone", team=None)[0] == "admin"
    User.objects.filter(pk=admin.pk).update(is_active=False)
    with pytest.raises(InvalidInput, match="not even administrators"):
        asks("team", "gone", team=None)


def test_roles_and_people_by_name(asks, cast, approver):
    assert asks("role", "approver") == ("approver", 1, "Approver", "")
    assert asks("person", "ANN") == ("ann", 1, "ann", "")


def test_the_owner_of_a_service_is_a_person_or_owners_in_its_team(asks, cast, payments, person):
    service = SimpleNamespace(owner=cast["ann"], team=None)
    assert asks("service_owner", service=service)[0] == "ann"
    person("owner", payments, username="olga")
    assert asks("service_owner", service=SimpleNamespace(owner=None, team=payments))[0] == "olga"
    assert asks("service_owner", service=SimpleNamespace(owner=None, team=None))[0] == "lea"
    assert asks("service_owner")[0] == "lea"


def test_an_answer_names_a_person_or_a_team(asks, cast):
    security = Team.objects.get(slug="security")
    assert asks("question", "q", answers={"q": cast["ann"]})[0] == "ann"
    assert asks("question", "q", answers={"q": security})[0] == "sam sol sue"
    assert asks("question", "q", answers={"q": security.pk}, types={"q": "team"})[0] == "sam sol sue"
    assert asks("question", "q", answers={"q": cast["ann"].pk}, types={"q": "person"})[0] == "ann"
    assert asks("question", "q", answers={"q": cast["rita"]})[0] == "lea"  # herself: who can act instead
    with pytest.raises(InvalidInput):  # a number tells not which of the two it is
        asks("question", "q", answers={"q": cast["ann"].pk})


@each_of(
    ("who", "quorum"),
    [("anybody", "any"), ("manager", "most"), ("manager", "0"), ("manager", "101%"), ("manager", "0%")],
)
def test_other_words_are_refused(asks, who, quorum):
    with pytest.raises(InvalidInput):
        asks(who, quorum=quorum)


def test_parts_are_called_by_step_and_place(cast, payments):
    found = resolve(
        [
            {"parts": [{"who": "manager", "quorum": "any"}]},
            {"rule": "any", "parts": [{"who": "person", "value": "ann"}, {"who": "team", "value": "?"}]},
        ],
        requester=cast["rita"], served=cast["rita"], team=payments, service=None, answers={},
    )  # fmt: skip
    assert found.steps == (
        Step((Part("1.1", frozenset({cast["mona"].pk}), 1, "Manager of rita"),)),
        Step(
            (
                Part("2.1", frozenset({cast["ann"].pk}), 1, "ann"),
                Part("2.2", frozenset({cast["lea"].pk}), 1, "the leads of Payments"),
            ),
            "any",
        ),
    )
    assert len(found.findings) == 1
