"""Policies that could be kept and not be reckoned with: refused where they are written, whichever the door."""

import copy
from datetime import timedelta

import pytest
from django.urls import reverse

from changes.back_tests import operations as back_tests
from changes.back_tests import queries
from changes.gate.decide import answer
from changes.gate.policy import policy_to_json
from changes.gate.policy_default import default_policy
from changes.models import ShadowAnswer
from changes.policies import operations as policies
from changes.policies.formats.policy_files import Unreadable, policy_from_plain, policy_from_text, policy_to_text
from itsm.kernel.errors import InvalidInput, NotPermitted
from tests.changes.back_tests.past import a_kinder_draft, ten_changes
from tests.factories.slo import T0
from tests.together import each_of

HUGE = 10**30


def spoilt(path, value):
    content = copy.deepcopy(policy_to_json(default_policy(version=2)))
    inner = content
    *way, last = path.split(".")
    for name in way:
        inner = inner[name]
    inner[last] = value
    return content


@each_of(
    ("path", "value"),
    [
        ("version", HUGE),
        ("limits.model_certified_days", 100_000_000),
        ("limits.ecab_business_days", 100_000_000),
        ("limits.postponed_deadline_hours", 100_000_000),
        ("limits.person_approval_working_days", 100_000_000),
        ("limits.approval_minutes", 100_000_000),
        ("limits.freshness_seconds.budget", HUGE),
        ("limits.fair_share", "1e-999999"),
        ("risk.medium_from", "NaN"),
        ("risk.high_from", "sNaN"),
        ("risk.bound", "NaN"),
        ("risk.prior_failures", "1e-400000"),
        ("authorities.cab.quorum", HUGE),
        ("authorities.cab.due_minutes", HUGE),
    ],
)
def test_what_nobody_can_reckon_with_is_refused_by_its_path(path, value):
    with pytest.raises(Unreadable) as refused:
        policy_from_plain(spoilt(path, value))
    named = {one.path for one in refused.value.problems}
    assert named == {".".join(path.split(".")[:2]) if path.startswith("authorities") else path}


@pytest.mark.django_db
@pytest.mark.parametrize("route", ["/api/v1/policy-versions/", "/api/v1/policies/"])
@pytest.mark.parametrize(("path", "value"), [("risk.bound", "NaN"), ("authorities.cab.quorum", 100_000)])
def test_both_doors_refuse_it(route, path, value, manager, api):
    said = api(manager).post(route, {"content": spoilt(path, value)}, format="json")
    assert said.status_code in (400, 422), said.content


@pytest.mark.django_db
def test_nobody_uses_up_the_numbers_of_versions(managing, admin):
    with pytest.raises(InvalidInput):
        policies.propose(spoilt("version", 2_000_000_000), actor=managing, at=T0)
    assert policies.propose_draft(a_kinder_draft(managing), actor=managing, at=T0).frozen.number == 2


@pytest.mark.django_db
@pytest.mark.writes_behind("I1")  # runs of the past, as rows
def test_a_case_that_a_policy_breaks_on_keeps_no_other_from_being_judged(asker, approving, managing, monkeypatch):
    ten_changes(asker, approving)
    seen = []

    def breaks(evidence, policy):
        seen.append(evidence)
        if len(seen) == 4:
            raise OverflowError("date value out of range")
        return answer(evidence, policy)

    monkeypatch.setattr("changes.back_tests.rules.answer", breaks)
    draft = a_kinder_draft(managing)
    day = timedelta(days=1)
    run = back_tests.ask(draft, actor=managing, since=T0 - day, until=T0 + day, at=T0 + day)
    assert back_tests.go_on() == 0
    assert (queries.tally(run).changes, queries.tally(run).refused["unreadable"]) == (10, 1)
    seen.clear()
    policies.begin_shadow(draft, actor=managing, version=draft.version, at=T0)
    assert back_tests.record_shadows(T0) == 10
    assert ShadowAnswer.objects.filter(outcome="blocked").count() == 1


@pytest.mark.django_db
def test_a_period_of_any_year_is_shown_to_readers_of_any_zone(managing, manager, web, api):
    draft = a_kinder_draft(managing)
    for since, until in (
        ("0001-01-01T00:00:00Z", "0002-01-01T00:00:00Z"),
        ("9998-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
    ):
        said = api(manager).post(
            f"/api/v1/policies/{draft.pk}/backtest/", {"since": since, "until": until}, format="json"
        )
        assert said.status_code in (202, 400, 422), said.content
        for zone in ("America/Los_Angeles", "Pacific/Kiritimati"):
            manager.time_zone = zone
            manager.save()
            assert web(manager).get(reverse("changes:back_test", args=[draft.pk])).status_code == 200


@pytest.mark.django_db
def test_who_wrote_a_part_of_it_approves_none_of_it(managing, person, as_actor):
    second, third = (as_actor(person("manager", username=name)) for name in ("second", "third"))
    draft = a_kinder_draft(second)
    draft = policies.edit_draft(draft, actor=managing, version=draft.version, title="Better words")
    proposed = policies.propose_draft(draft, actor=managing, at=T0)
    with pytest.raises(NotPermitted):
        policies.approve(proposed, actor=second, at=T0)
    assert policies.approve(proposed, actor=third, at=T0).status == "approved"


@each_of(
    ("before", "path"),
    [
        ([], "authorities.cab.before"),
        ([{"parts": [{"who": "manager"}]}] * 6, "authorities.cab.before"),
        ([{"parts": []}], "authorities.cab.before[0].parts"),
        ([{"parts": [{"who": "manager"}] * 5}], "authorities.cab.before[0].parts"),
        ([{"parts": [{"who": "team", "value": " "}]}], "authorities.cab.before[0].parts[0].value"),
        ([{"parts": [{"who": "person", "value": "x" * 151}]}], "authorities.cab.before[0].parts[0].value"),
        ([{"parts": [{"who": "manager", "value": "mia"}]}], "authorities.cab.before[0].parts[0].value"),
        ([{"parts": [{"who": "role", "value": "boss"}]}], "authorities.cab.before[0].parts[0].value"),
        ([{"parts": [{"who": "manager", "quorum": "101"}]}], "authorities.cab.before[0].parts[0].quorum"),
        ([{"parts": [{"who": "manager", "quorum": "0%"}]}], "authorities.cab.before[0].parts[0].quorum"),
        ([{"parts": [{"who": "everybody"}]}], "authorities.cab.before[0].parts[0].who"),
        ([{"parts": [{"who": "manager"}], "rule": "most"}], "authorities.cab.before[0].rule"),
    ],
)
def test_steps_that_nobody_could_take_are_refused_by_their_path(before, path):
    with pytest.raises(Unreadable) as refused:
        policy_from_plain(spoilt("authorities.cab.before", before))
    assert {one.path for one in refused.value.problems} == {path}


def test_steps_are_read_back_as_written_and_without_them_a_policy_is_the_one_that_it_was():
    plain = policy_to_json(default_policy(version=2))
    assert all("before" not in one for one in plain["authorities"].values())
    with_steps = spoilt("authorities.cab.before", [{"parts": [{"who": "team_lead", "quorum": "100"}]}])
    policy = policy_from_text(policy_to_text(with_steps))
    assert policy.digest != default_policy(version=2).digest
    assert policy_from_text(policy_to_text(policy_to_json(policy))) == policy
