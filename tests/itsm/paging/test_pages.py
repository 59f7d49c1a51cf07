"""Pages of paging as people use them: a policy is typed, tried and lives; a phone is verified; a page is answered."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from itsm.accounts.models import Membership
from itsm.paging.models import ContactPoint, EscalationPolicy, Page, PersonalRule
from tests.itsm.paging.company import a_phone, a_policy, a_provider
from tests.itsm.paging.test_escalating import begun, lane_works
from tests.itsm.scripted_server import Scripted, scripted
from tests.together import each_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def gateway(settings: Any) -> Iterator[Scripted]:
    with scripted() as server:
        settings.OUTGOING_ALLOW = [f"127.0.0.1:{server.port}"]
        yield server


@pytest.fixture
def theirs(payments, engineer, agent):
    for person in (engineer, agent):
        Membership.objects.get_or_create(team=payments, user=person)
    return payments


def test_a_policy_is_typed_and_goes_live(web, theirs, engineer, agent):
    client = web(engineer)
    typed = {
        "name": "Payments", "team": theirs.slug, "zone": "Europe/Berlin", "repeats": "1",
        "wait": ["5", "10"], "begin": ["", "22:00"], "end": ["", "06:00"],
        "target-0": ["person:engineer", ""], "target-1": ["team:payments"],
    }  # fmt: skip
    more = client.post("/escalation-policies/new/", {**typed, "do": "more"})
    assert more.status_code == 200
    assert b"Step 3" in more.content
    assert not EscalationPolicy.objects.exists()
    kept = client.post("/escalation-policies/new/", {**typed, "do": "save"})
    assert kept.status_code == 302, kept.content
    policy = EscalationPolicy.objects.get()
    shown = client.get(policy.get_absolute_url()).content.decode()
    assert "has proved no way that wakes them" in shown
    client.post(f"{policy.get_absolute_url()}go-live/", {"version": policy.version})
    policy.refresh_from_db()
    assert policy.live_at is not None
    step = policy.steps.get(position=2)
    assert (step.wait_s, step.between_from.hour, step.targets.get().team) == (600, 22, theirs)


def test_only_teams_whose_policies_one_keeps_are_offered(web, theirs, engineer, manager, admin):
    offered = f'<option value="{theirs.slug}"'
    assert offered in web(engineer).get("/escalation-policies/new/").content.decode()
    assert offered not in web(manager).get("/escalation-policies/new/").content.decode()
    assert "This is the last resort" not in web(engineer).get("/escalation-policies/new/").content.decode()
    page = web(admin).get("/escalation-policies/new/").content.decode()
    assert offered in page
    assert "This is the last resort" in page


@each_of(
    ("change", "said"),
    [
        ({"target-0": []}, "pages from 1 to"),
        ({"wait": ["0"]}, "minutes from 1 to 1440"),
        ({"zone": "Mars/Base"}, "no time zone of this name"),
        ({"target-0": ["person:nobody"]}, "not there any more"),
        ({"begin": ["22:00"]}, "both times"),
    ],
)
def test_what_cannot_page_is_refused_with_words(web, theirs, engineer, change, said):
    typed = {
        "name": "Payments", "team": theirs.slug, "zone": "UTC", "repeats": "1", "wait": ["5"], "begin": [""],
        "end": [""], "target-0": ["person:engineer"], "do": "save",
    }  # fmt: skip
    answer = web(engineer).post("/escalation-policies/new/", {**typed, **change})
    assert answer.status_code == 400
    assert said in answer.content.decode()


def test_an_edit_changes_the_steps_and_never_leaves_it_bare(web, theirs, engineer, agent):
    policy = a_policy(theirs, [engineer], [agent], [engineer, agent])
    typed = {
        "name": "Payments", "team": theirs.slug, "zone": "UTC", "repeats": "0", "version": policy.version, "wait": ["7"],
        "begin": [""], "end": [""], "target-0": ["person:agent"], "do": "save",
    }  # fmt: skip
    assert web(engineer).post(f"{policy.get_absolute_url()}edit/", typed).status_code == 302
    [step] = policy.steps.all()
    assert (step.wait_s, [one.person for one in step.targets.all()]) == (420, [agent])


def test_a_phone_is_used_once_its_code_came_back(web, engineer, gateway):
    a_provider(gateway.url)
    client = web(engineer)
    assert client.post("/profile/paging/add/", {"channel": "sms", "address": "0151 12345"}).status_code == 400
    client.post("/profile/paging/add/", {"channel": "sms", "address": "+49 151 1234-5678", "name": "night"})
    phone = ContactPoint.objects.get()
    from itsm.notifications import outbox

    outbox.relay(timezone.now())
    code = re.search(r"\d{6}", gateway.asked[0].body.decode().split('"text"')[1]).group()  # type: ignore[union-attr]
    wrong = client.post(f"/profile/paging/{phone.pk}/verify/", {"code": "000000" if code != "000000" else "1"})
    assert wrong.status_code == 400
    rule = {"urgency": "high", "way": [str(phone.pk)], "after": ["0"]}
    assert client.post("/profile/paging/rules/", rule).status_code == 400  # not verified yet
    assert client.post(f"/profile/paging/{phone.pk}/verify/", {"code": code}).status_code == 302
    assert client.post("/profile/paging/rules/", rule).status_code == 302
    assert PersonalRule.objects.get(person=engineer).contact == phone


def test_a_page_is_answered_with_one_button(web, theirs, engineer):
    escalation = begun(a_policy(theirs, [engineer]), theirs, timezone.now())
    lane_works(timezone.now())
    client = web(engineer)
    assert b"Checkout burns" in client.get("/pages/").content
    page = Page.objects.get()
    client.post(f"/pages/{page.pk}/acknowledge/")
    escalation.refresh_from_db()
    assert escalation.held_by == engineer
    assert client.post(f"/pages/{page.pk}/acknowledge/").status_code == 302  # twice tells, and breaks nothing
    for path in ("/pages/", "/pages/log/", f"/pages/{page.pk}/", escalation.get_absolute_url(), "/profile/paging/"):
        assert client.get(path).status_code == 200, path


def test_nobody_removes_the_last_one_whom_a_policy_pages(theirs, engineer, agent, admin, as_actor):
    from django.db import IntegrityError, transaction

    from itsm.accounts import duties
    from itsm.kernel.errors import Conflict
    from itsm.paging.models import StepTarget

    policy = a_policy(theirs, [engineer])
    for bare in (StepTarget.objects.all(), policy.steps.all()):
        with pytest.raises(IntegrityError), transaction.atomic():
            bare.delete()
    with pytest.raises(Conflict, match="payments, high"), transaction.atomic():
        duties.hand_over(engineer, None, actor=as_actor(admin), at=timezone.now())
    with transaction.atomic():
        duties.hand_over(engineer, agent, actor=as_actor(admin), at=timezone.now())
    assert StepTarget.objects.get().person == agent


def test_the_last_resort_wants_two_who_can_be_woken(theirs, admin, engineer, agent, as_actor):
    from itsm.kernel.errors import InvalidInput
    from itsm.paging.operations import policies
    from itsm.paging.operations.policies import NewStep, Target

    steps = [NewStep(300, [Target("person", person=engineer), Target("person", person=agent)])]
    said = {"actor": as_actor(admin), "name": "Last", "team": theirs, "steps": steps, "is_last_resort": True}
    a_phone(engineer)
    with pytest.raises(InvalidInput):
        policies.create(**said)
    a_phone(agent, "+49151000001")
    assert policies.create(**said).is_last_resort


def test_no_way_is_promised_that_no_provider_carries(web, engineer, theirs):
    """A verified phone whose provider was switched off, or that was taken over from elsewhere."""
    a_phone(engineer)
    policy = a_policy(theirs, [engineer])
    for address in ("/profile/paging/", policy.get_absolute_url()):
        assert "SMS after 120 s" not in _words(web(engineer).get(address))
    assert "no provider" in _words(web(engineer).get("/profile/paging/"))
    a_provider("https://sms.example")
    for address in ("/profile/paging/", policy.get_absolute_url()):
        assert "SMS after 120 s" in _words(web(engineer).get(address))
    assert "no provider" not in _words(web(engineer).get("/profile/paging/"))


def _words(answer):
    return " ".join(re.sub("<[^>]+>", " ", answer.content.decode()).split())


def test_a_merged_account_and_an_erased_one_leave_no_phone(theirs, engineer, agent, as_actor):
    from itsm.accounts import erasing, person_references
    from itsm.paging.models import StepTarget

    a_policy(theirs, [engineer])
    phone = a_phone(engineer)
    PersonalRule.objects.create(person=engineer, urgency="high", position=1, channel="sms", contact=phone)
    person_references.follow(engineer, agent, actor=as_actor(agent))
    assert StepTarget.objects.get().person == agent
    assert PersonalRule.objects.get().person == ContactPoint.objects.get().person == agent
    assert erasing.counts(agent, only_count=True)["paging_contactpoint"] == 1
    erasing.counts(agent, only_count=False)
    assert not ContactPoint.objects.exists()
    assert not PersonalRule.objects.exists()
