"""Agreements: the first that matches holds, terms are versions, days are refused, and what it is for can be asked."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from catalog.agreements import operations, queries
from catalog.agreements.models import Agreement
from catalog.agreements.queries import Subject
from catalog.services.models import Service
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Team, User
from itsm.calendars import operations as calendars
from itsm.clocks.models import Calendar
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from tests.factories.slo import a_service
from tests.together import each_of

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def keeping(admin: User) -> Actor:
    return actor_for(admin, Door.WEB)


@pytest.fixture
def office(keeping: Actor) -> Calendar:
    week = {day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    return calendars.create_calendar(actor=keeping, at=AT, name="Office", zone="Europe/Berlin", week=week)


@pytest.fixture
def make(keeping: Actor) -> Callable[..., Agreement]:
    def agreement(name: str, **said: Any) -> Agreement:
        return operations.create_agreement(
            actor=keeping, at=AT, name=name, **{"targets": {"resolve": 240}, **said}
        )  # fmt: skip

    return agreement


def test_the_first_that_matches_holds(make: Callable[..., Agreement], payments: Team) -> None:
    service = a_service(slug="checkout")
    make("all", position=100)
    make("p1", position=50, priority=1)
    make("checkout", position=10, service=service)
    make("vpn", position=5, category="Network / VPN")
    make("network", position=6, category="Network")
    make("phone of payments", position=1, team=payments, channel="phone")
    anything = Subject(tier=3, priority=3, channel="portal")
    cases = [
        (anything, "all"),
        (replace(anything, priority=1), "p1"),
        (replace(anything, priority=1, service_id=service.pk), "checkout"),
        (replace(anything, category="Network / VPN / Clients"), "vpn"),
        (replace(anything, category="Network / Switches"), "network"),
        (replace(anything, category="Networking"), "all"),
        (replace(anything, team_id=payments.pk, channel="phone", priority=1), "phone of payments"),
        (replace(anything, team_id=payments.pk, channel="mail"), "all"),
    ]
    assert [getattr(queries.matching(subject), "name", None) for subject, _ in cases] == [name for _, name in cases]


def test_asking_which_would_hold_says_what_is_found_for_a_record(
    make: Callable[..., Agreement], payments: Team
) -> None:
    dice = random.Random("agreements")
    services = [a_service(), a_service()]
    anything: dict[str, list[Any]] = {
        "service": [None, None, *services], "tier": [None, 1, 2], "team": [None, None, payments], "channel": ["", "mail"],
        "priority": [None, 1, 2], "category": ["", "Network", "Network / VPN"],
    }  # fmt: skip
    for number in range(12):
        said = {name: dice.choice(values) for name, values in anything.items()}
        make(f"a{number}", position=dice.randint(1, 5), **said)
    for _ in range(60):
        service = dice.choice([None, *services])
        subject = Subject(
            service.pk if service else None, dice.choice([None, 1, 2]), dice.choice([None, payments.pk]),
            dice.choice([None, 1, 2]), dice.choice(["", "Network", "Network / VPN / Clients", "Networks"]),
            dice.choice(["", "mail", "phone"]),
        )  # fmt: skip
        traced = next((one for one, words in queries.trace(subject) if not words), None)
        assert queries.matching(subject) == traced, subject


def test_without_a_match_there_is_none_and_retired_ones_do_not_count(
    make: Callable[..., Agreement], keeping: Actor
) -> None:
    gold = make("gold", priority=2)
    assert queries.matching(Subject(priority=3)) is None
    assert queries.matching(Subject(priority=2)) == gold
    operations.retire_agreement(gold, actor=keeping, version=1, at=AT)
    assert queries.matching(Subject(priority=2)) is None
    operations.revive_agreement(gold, actor=keeping, version=2)
    assert queries.matching(Subject(priority=2)) == gold


def test_the_trace_says_why_each_other_does_not_hold(make: Callable[..., Agreement]) -> None:
    make("vpn", position=1, category="VPN")
    make("p2", position=2, priority=2)
    make("all", position=3)
    traced = [(one.name, words) for one, words in queries.trace(Subject(priority=2))]
    assert traced == [("vpn", "another category"), ("p2", ""), ("all", "p2 comes first")]


def test_other_terms_make_a_version_and_another_name_or_place_does_not(
    make: Callable[..., Agreement], office: Calendar, keeping: Actor
) -> None:
    gold = make("gold", calendar=office)
    gold = operations.edit_agreement(gold, actor=keeping, version=1, at=AT, name="Gold", position=3, priority=1)
    assert (gold.name, gold.number) == ("Gold", 1)
    gold = operations.edit_agreement(gold, actor=keeping, version=2, at=AT, targets={"resolve": "8 h"})
    assert (gold.number, gold.versions.get(number=2).targets, gold.versions.get(number=1).targets) == (
        2, {"resolve": 480}, {"resolve": 240},
    )  # fmt: skip
    assert gold.versions.get(number=2).calendar == office
    terms = queries.terms_of(queries.newest_version(gold), AT)
    resolve = terms.terms["resolve"]
    assert (resolve.target_s, resolve.agreement_label, resolve.calendar_label) == (8 * 3600, "Gold v2", "Office v1")
    assert terms.terms["update"].target_s is None


@each_of(
    ("said", "field"),
    [
        ({"targets": {"resolve": "2 d"}}, "targets.resolve"),
        ({"targets": {"resolve": 0}}, "targets.resolve"),
        ({"targets": {"resolve": -5}}, "targets.resolve"),
        ({"targets": {"resolve": 10**9}}, "targets.resolve"),
        ({"targets": {}}, "targets"),
        ({"targets": {"repair": 60}}, "targets"),
        ({"targets": {}, "availability": Decimal("1.01")}, "availability"),
        ({"targets": {}, "availability": Decimal(0)}, "availability"),
        ({"valid_from": AT, "valid_until": AT}, "valid_until"),
        ({"warn": [0]}, "warn"),
        ({"warn": [100]}, "warn"),
        ({"pauses": ["lunch"]}, "pauses"),
        ({"channel": "pigeon"}, "channel"),
        ({"levels": [{"after_minutes": 0}]}, "levels.0"),
        ({"levels": [{"after_minutes": 5, "tell": ["everybody"]}]}, "levels.0"),
        ({"levels": [{"after_minutes": 5, "raise_to": "nowhere"}]}, "levels.0"),
    ],
)
def test_terms_that_cannot_be_meant_are_refused(
    make: Callable[..., Agreement], office: Calendar, said: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        make("odd", calendar=office, **said)
    assert list(refused.value.errors) == [field]


def test_two_days_are_refused_with_the_hours_of_a_day(
    api: Callable[..., APIClient], admin: User, office: Calendar
) -> None:
    body = {"name": "Gold", "calendar": office.pk, "targets": {"resolve": "2 d"}}
    answer = api(admin).post("/api/v1/agreements/", body, format="json")
    assert answer.status_code == 400
    assert "a day of this calendar has 8 h" in answer.content.decode()


def test_others_than_administrators_keep_none(make: Callable[..., Agreement], manager: User) -> None:
    actor, gold = actor_for(manager, Door.WEB), make("gold")
    with pytest.raises(NotPermitted):
        operations.create_agreement(actor=actor, at=AT, name="mine", targets={"resolve": 5})
    with pytest.raises(NotPermitted):
        operations.edit_agreement(gold, actor=actor, version=1, at=AT, name="mine")
    with pytest.raises(NotPermitted):
        operations.retire_agreement(gold, actor=actor, version=1, at=AT)
    with pytest.raises(NotPermitted):
        operations.revive_agreement(gold, actor=actor, version=1)


def test_a_name_is_taken_once(make: Callable[..., Agreement], keeping: Actor) -> None:
    make("gold")
    silver = make("silver")
    with pytest.raises(Conflict):
        make("gold")
    with pytest.raises(Conflict):
        operations.edit_agreement(silver, actor=keeping, version=1, at=AT, name="gold")


def test_agreements_for_a_team_follow_its_merge(make: Callable[..., Agreement], payments: Team, keeping: Actor) -> None:
    gold = make("gold", team=payments)
    shipping = Team.objects.create(slug="shipping", name="Shipping")
    assert [duty.reference for duty in queries.of_team(payments)] == ["gold"]
    assert operations.agreements_follow(payments, shipping, keeping) == 1
    gold.refresh_from_db()
    assert gold.team == shipping


def test_over_rest_an_agreement_is_made_read_edited_and_matched(
    api: Callable[..., APIClient], admin: User, office: Calendar, payments: Team
) -> None:
    client, service = api(admin), a_service(slug="checkout")
    body = {
        "name": "Gold", "service": "checkout", "team": "payments", "priority": 1, "calendar": office.pk,
        "targets": {"first_response": 30, "resolve": "4 h"},
        "levels": [{"after_minutes": 30, "tell": ["lead"], "raise_to": "payments"}],
    }  # fmt: skip
    made = client.post("/api/v1/agreements/", body, format="json")
    assert made.status_code == 201, made.content
    shown = made.json()
    assert (shown["targets"], shown["warn"], shown["pauses"]) == (
        {"first_response": 30, "resolve": 240},
        [50, 75],
        ["caller"],
    )
    where = f"/api/v1/agreements/{shown['id']}/"
    edited = client.patch(where, {"warn": [80]}, format="json", HTTP_IF_MATCH='"1"')
    assert (edited.status_code, edited.json()["number"], edited.json()["warn"]) == (200, 2, [80])
    asked = {"service": "checkout", "team": "payments", "priority": 1}
    said = client.post("/api/v1/agreements/match/", asked, format="json").json()
    assert (said["agreement"], said["trace"][0]["holds"]) == ("Gold", True)
    said = client.post("/api/v1/agreements/match/", {"priority": 2}, format="json").json()
    assert (said["agreement"], said["trace"][0]["why_not"]) == (None, "another service")
    assert Service.objects.get() == service


def test_the_page_makes_edits_retires_and_asks(
    web: Callable[[User], Client], admin: User, agent: User, office: Calendar
) -> None:
    client = web(admin)
    said = {
        "name": "Gold", "agreement_type": "sla", "position": "10", "calendar": str(office.pk), "resolve": "4 h",
        "first_response": "30 min", "pauses": ["caller"], "warn": "50 75", "on_reopen": "continue",
        "levels": "30 min lead\n2 h lead team", "priority": "1",
    }  # fmt: skip
    refused = client.post("/agreements/new/", {**said, "resolve": "2 d"})
    assert refused.status_code == 400
    assert "a day of this calendar has 8 h" in refused.content.decode()
    assert client.post("/agreements/new/", said).status_code == 302
    gold = Agreement.objects.get()
    held = queries.newest_version(gold)
    assert (held.targets, [one["after_minutes"] for one in held.levels]) == (
        {"first_response": 30, "resolve": 240},
        [30, 120],
    )
    where = gold.get_absolute_url()
    page = client.get(where).content.decode()
    assert "30 min lead" in page
    edited = client.post(where, {**said, "resolve": "8 h", "version": "1"})
    assert edited.status_code == 302, edited.content.decode()
    assert queries.newest_version(Agreement.objects.get()).targets["resolve"] == 480
    asked = web(agent).get("/agreements/?priority=1").content.decode()
    assert "This one would hold" in asked
    assert "None of them would hold" in web(agent).get("/agreements/?priority=2").content.decode()
    assert b'name="resolve"' not in web(agent).get(where).content
    assert client.post(f"{where}retire/", {"version": "2"}).status_code == 302
    assert Agreement.objects.get().retired_at is not None
