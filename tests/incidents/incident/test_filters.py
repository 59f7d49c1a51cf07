"""Filters of incidents: what each term finds, that no term shows more, and that a bad one is named on both doors."""

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from catalog.models import Service
from incidents.incident import operations
from incidents.incident.filters import Reading, narrowed, offered_terms, terms_of
from incidents.incident.filters.terms import FIELDS
from incidents.incident.models import Category
from incidents.incident.vocabulary import Channel, HoldReason
from incidents.models import Incident
from itsm.accounts.models import Membership, Team, User
from itsm.fields import operations as fields
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from itsm.work.grammar import pairs_of
from itsm.work.models import Watcher
from tests.factories.majors import led
from tests.slo.proving import IN_FULL
from tests.together import each_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(agent: User, requester: User) -> dict[str, Incident]:
    """Six incidents of all sorts; `secret` lies in a confidential queue that nobody here sees."""
    now = timezone.now()
    net = Team.objects.create(slug="network", name="Network", takes_work=True)
    hr = Team.objects.create(slug="hr", name="HR", takes_work=True, confidential=True)
    Membership.objects.create(team=net, user=agent)
    shop = Service.objects.create(slug="shop", name="Shop", tier=1)
    hardware = Category.objects.create(name="Hardware", path="Hardware")
    printer = Category.objects.create(name="Printer", path="Hardware / Printer", parent=hardware, depth=2)

    def made(title: str, **more: Any) -> Incident:
        return Incident.objects.create(title=title, **{"opened_at": now, "team": net, "caller": requester, **more})

    found = {
        "plain": made("Plain, and new"),
        "late": led(made("Late", next_due=now - timedelta(hours=1), priority=1, service=shop)),
        "soon": made("Soon", next_due=now + timedelta(hours=2), assigned_to=agent, status="in_progress"),
        "held": made(
            "Held", status="on_hold", hold_reason="vendor", hold_until=now + timedelta(days=1), category=printer
        ),
        "old": made("Old", opened_at=now - timedelta(days=40), channel="mail", updated_at=now - timedelta(days=30)),
        "secret": made("Secret", team=hr, priority=1, assigned_to=agent, caller=agent),
    }
    found["child"] = made("Child", parent=found["plain"])
    Incident.objects.filter(title="Secret").update(caller=None)
    Watcher.objects.create(record_kind="incident", record_id=found["old"].pk, user=agent, at=now)
    return found


#  query, what it finds of the desk's own (the agent's view)
FOUND = [
    ("state=open", "plain late soon held old child"),
    ("state=on_hold,in_progress", "soon held"),
    ("not.state=new", "soon held"),
    ("priority=1", "late"),
    ("priority=2..", "plain soon held old child"),
    ("priority=<=1", "late"),
    ("team=network", "plain late soon held old child"),
    ("team=my-teams&assigned=none", "plain late held old child"),
    ("assigned=me", "soon"),
    ("assigned=agent", "soon"),
    ("assigned=any", "soon"),
    ("not.assigned=me", "plain late held old child"),
    ("caller=requester", "plain late soon held old child"),
    ("caller=none", ""),
    ("service=shop", "late"),
    ("service=none", "plain soon held old child"),
    ("category=Hardware", "held"),
    ("category=Hardware / Printer", "held"),
    ("channel=mail,phone", "old"),
    ("major=yes", "late"),
    ("due=..now", "late"),
    ("due=now..%2B4h", "soon"),
    ("due=none", "plain held old child"),
    ("due=any", "late soon"),
    ("due=>2026-01-01", "late soon"),
    ("opened=-1d..", "plain late soon held child"),
    ("opened=today", "plain late soon held child"),
    ("opened=..-30d", "old"),
    ("updated=..-1d", "old"),
    ("resolved=none", "plain late soon held old child"),
    ("resolved=-1d..", ""),
    ("hold=vendor", "held"),
    ("hold=any", "held"),
    ("hold=now..%2B2d", "held"),
    ("watcher=me", "old"),
    ("watcher=any", "old"),
    ("watcher=none", "plain late soon held child"),
    ("parent=any", "child"),
    ("text=plain, and", "plain"),
    ("text=lAtE&priority=1", "late"),
    ("priority=1&priority=2", ""),
]  # fmt: skip


@each_of(("query", "wanted"), FOUND)
def test_a_term_finds(query: str, wanted: str, desk: dict[str, Incident], agent: User, as_actor: Any) -> None:
    actor = as_actor(agent)
    rows = narrowed(Incident.objects.visible_to(actor), terms_of(pairs_of(query)), Reading.by(actor))
    assert {one.title for one in rows} == {desk[name].title for name in wanted.split()}


_PLACES = {
    "a user name": "agent", "a short name": "shop", "Network / VPN": "Hardware / Printer", "INC-42": "any",
}  # fmt: skip


def test_the_list_of_terms_names_each_and_what_it_offers_is_understood(
    desk: dict[str, Incident], agent: User, as_actor: Any
) -> None:
    actor = as_actor(agent)
    offered = offered_terms(actor)
    assert {one.name for one in offered} == set(FIELDS)
    assert all(one.values for one in offered if one.name not in {"measure", "sla"}), "each says what it may be"
    for one in offered:
        said = [_PLACES.get(value, value) for value in one.values]
        for value in ("network" if one.name == "team" and word == "shop" else word for word in said):
            rows = narrowed(Incident.objects.visible_to(actor), terms_of([(one.name, value)]), Reading.by(actor))
            assert rows.count() >= 0, f"{one.name}={value}"


def test_a_parent_is_found_by_its_reference(desk: dict[str, Incident], agent: User, api: Any) -> None:
    answer = api(agent).get(f"/api/v1/incidents/?parent={desk['plain'].reference}").json()
    assert [one["number"] for one in answer["results"]] == [desk["child"].reference]


@each_of(
    "query",
    ["state=opne", "priority=9", "priority=now..", "channel=pigeon", "team=nowhere", "assigned=nobody", "caller=nobody",
     "service=nothing", "category=Nothing", "major=perhaps", "due=soon", "due=%2B2h..%2B1h", "opened=2027-02-29",
     "hold=weather", "sla=late", "sla=repair:met", "sla=1..2", "parent=INC-99999", "parent=CHG-1", "watcher=nobody", "text=" + "x" * 101, "team=1..2",
     "due=", "not.state="],
)  # fmt: skip
def test_a_bad_term_is_named_on_both_doors_and_shows_no_rows(
    query: str, desk: dict[str, Incident], agent: User, api: Any, web: Any
) -> None:
    name = query.partition("=")[0]
    answer = api(agent).get(f"/api/v1/incidents/?{query}")
    assert answer.status_code == 400, answer.content
    assert answer.json()["errors"][0]["pointer"] == f"/{name}"
    if not query.endswith("="):  # the page's own empty boxes are no terms
        page = web(agent).get(f"/incidents/?{query}")
        assert page.status_code == 400
        shown = page.content.decode()
        assert f"{name}:" in shown
        assert "data-row" not in shown.replace("data-rows", "")


@pytest.mark.parametrize("term", ["team", "parent"])
def test_what_is_hidden_answers_like_what_does_not_exist(
    term: str, desk: dict[str, Incident], agent: User, api: Any
) -> None:
    hidden, missing = {"team": ("hr", "xx"), "parent": (desk["secret"].reference, "INC-99999")}[term]
    one, other = (api(agent).get(f"/api/v1/incidents/?{term}={word}") for word in (hidden, missing))
    said = [{k: v for k, v in answer.json().items() if "request" not in k} for answer in (one, other)]
    assert str(said[0]).replace(hidden, "?") == str(said[1]).replace(missing, "?")


def test_a_hidden_parent_is_no_parent_to_the_reader(desk: dict[str, Incident], agent: User, as_actor: Any) -> None:
    Incident.objects.filter(pk=desk["old"].pk).update(parent=desk["secret"])
    actor = as_actor(agent)
    for query, seen in (("parent=any", {"Child"}), ("parent=none&text=Old", {"Old"})):
        rows = narrowed(Incident.objects.visible_to(actor), terms_of(pairs_of(query)), Reading.by(actor))
        assert {one.title for one in rows} == seen


def test_a_requester_learns_of_nobody_by_asking(desk: dict[str, Incident], requester: User, api: Any) -> None:
    for query in ("caller=agent", "caller=nobody", "watcher=agent", "team=hr", "team=xx", "not.caller=agent"):
        answer = api(requester).get(f"/api/v1/incidents/?{query}")
        assert answer.status_code == 200, query
        assert "Secret" not in answer.content.decode()


VALUES = ["open", "new", "1", "5", "0", "9", "1..3", "..", "..now", "now..", "+4h..", "..-1d", ">=2", "<now", "me",
          "my-teams", "none", "any", "agent", "requester", "network", "hr", "shop", "Hardware", "yes", "vendor", "mail",
          "2026-01-01", "2026-02-30", "today", "today..", "INC-1", "", ",", "x" * 120, "\x00", "🜁", "%", "_", "\\", "'",
          "1e400..", "9" * 30 + "..", "-999999w..", "0001-01-01..", "9999-12-31..", "..9999-12-31T23:59:59Z",
          *Channel.values, *HoldReason.values]  # fmt: skip
NAMES = ["state", "priority", "team", "assigned", "caller", "watcher", "service", "category", "channel", "major", "due",
         "opened", "resolved", "updated", "hold", "parent", "text", "sla", "cf.x", "label", "", "not."]  # fmt: skip


_WHEN = ["..now", "now..", "+4h..", "..-1d", "today", "2026-01-01..", ">=now", "none", "any"]
_WHO = ["me", "none", "any", "agent", "requester"]
APT = {
    "state": ["open", "new", "on_hold", "closed"], "priority": ["1", "3", "1..3", ">=2", "<5"], "team": ["network", "any",
    "my-teams"], "assigned": _WHO, "caller": _WHO, "watcher": _WHO, "service": ["shop", "none", "any"],
    "category": ["Hardware", "none"], "channel": ["mail", "portal"], "label": ["vpn", "any", "none"], "major": ["yes", "no"], "due": _WHEN,
    "opened": _WHEN, "resolved": _WHEN, "updated": _WHEN, "hold": ["vendor", "any", "now.."], "parent": ["any", "none"],
    "text": ["Late", "a", "%", "_"],
    "sla": ["breached", "warned", "none", "resolve:met", "update:paused", "first_response:running"],
}  # fmt: skip


def queries(count: int, share: int = 0) -> Iterator[list[tuple[str, str]]]:
    """Mostly what a field takes, so that the terms combine; now and then anything. Others for each share."""
    dice = random.Random(20261128 + share)
    for _ in range(count):
        pairs = []
        for _term in range(dice.randint(1, 4)):
            name = dice.choice(list(APT) if dice.random() < 0.9 else NAMES)
            apt = APT[name] if name in APT and dice.random() < 0.9 else VALUES
            pairs.append((dice.choice(["", "", "not."]) + name, ",".join(dice.choices(apt, k=dice.randint(1, 3)))))
        yield pairs


def ids(actor: Actor, pairs: list[tuple[str, str]]) -> set[int] | None:
    """What a query shows, or None where it is refused."""
    try:
        rows = narrowed(Incident.objects.visible_to(actor), terms_of(pairs), Reading.by(actor))
    except InvalidInput:
        return None
    return set(rows.values_list("pk", flat=True))


def never_widens(actor: Actor, count: int, share: int = 0) -> int:
    understood, everything = 0, ids(actor, []) or set()
    for pairs in queries(count, share):
        shown = ids(actor, pairs)
        if shown is None:
            continue
        understood += 1
        fewer = everything if len(pairs) == 1 else ids(actor, pairs[:-1])
        assert fewer is not None, f"a term made an odd query usable: {pairs}"
        assert shown <= fewer, f"a term widened: {pairs}"
    return understood


def test_no_term_ever_widens(desk: dict[str, Incident], agent: User, requester: User, as_actor: Any) -> None:
    assert never_widens(as_actor(agent), 60) > 18
    assert never_widens(as_actor(requester), 20) > 5


@pytest.mark.heavy
@pytest.mark.skipif(not IN_FULL, reason="minutes: make prove")
@pytest.mark.parametrize("share", range(10))
def test_of_ten_thousand_queries_none_widens(desk: dict[str, Incident], agent: User, as_actor: Any, share: int) -> None:
    assert never_widens(as_actor(agent), 1000, share) > 300


def asked(browser: Client, path: str, count: int, share: int = 0) -> None:
    for pairs in queries(count, share):
        query = "&".join(f"{quote(name)}={quote(value)}" for name, value in pairs)
        answer = browser.get(f"{path}?{query}")
        assert answer.status_code in {200, 400}, query


def test_fuzzed_queries_are_answered_or_refused(desk: dict[str, Incident], agent: User, api: Any, web: Any) -> None:
    asked(api(agent), "/api/v1/incidents/", 30)
    asked(web(agent), "/incidents/", 15)


@pytest.mark.heavy
@pytest.mark.skipif(not IN_FULL, reason="minutes: make prove")
@pytest.mark.parametrize("share", range(10))
def test_ten_thousand_fuzzed_queries_are_answered_or_refused(
    desk: dict[str, Incident], agent: User, api: Any, web: Any, share: int
) -> None:
    asked(api(agent), "/api/v1/incidents/", 700, share)
    asked(web(agent), "/incidents/", 300, share + 10)


def test_work_on_an_incident_moves_its_update_and_clocks_do_not(desk: dict[str, Incident]) -> None:
    old = desk["old"]
    Incident.objects.filter(pk=old.pk).update(next_due=timezone.now())
    old.refresh_from_db()
    assert old.updated_at < timezone.now() - timedelta(days=1)
    Incident.objects.filter(pk=old.pk).update(version=old.version + 1)
    old.refresh_from_db()
    assert old.updated_at > timezone.now() - timedelta(minutes=5)


class TestTypedFields:
    """What an administrator added is asked for as `cf.<key>`."""

    @pytest.fixture(autouse=True)
    def floors(self, desk: dict[str, Incident]) -> None:
        system = Actor.system("tests")
        for key, type_ in (("floor", "whole"), ("room", "text")):
            fields.add_field(actor=system, owner="incident", key=key, type=type_, label=key.title(), filterable=True)
        for number, name in enumerate(("plain", "late", "soon"), start=1):
            incident = Incident.objects.get(pk=desk[name].pk)
            operations.edit(
                incident, actor=system, version=incident.version, attributes={"floor": number, "room": f"R{number}"}
            )

    @each_of(
        ("query", "titles"),
        [
            ("cf.floor=2", {"Late"}),
            ("cf.floor=1,3", {"Plain, and new", "Soon"}),
            ("cf.floor=2..", {"Late", "Soon"}),
            ("cf.floor=1..3", {"Plain, and new", "Late"}),
            ("cf.room=R1&state=open", {"Plain, and new"}),
            ("not.cf.floor=any&state=new", {"Child"}),
        ],
    )
    def test_are_asked_for_like_any_other(self, query: str, titles: set[str], agent: User, as_actor: Any) -> None:
        actor = as_actor(agent)
        found = narrowed(Incident.objects.visible_to(actor), terms_of(pairs_of(query)), Reading.by(actor))
        assert set(found.values_list("title", flat=True)) - {"Old"} == titles

    def test_are_listed_for_who_sees_them(self, agent: User, requester: User, as_actor: Any) -> None:
        assert {"cf.floor", "cf.room"} <= {one.name for one in offered_terms(as_actor(agent))}
        assert not any(one.name.startswith("cf.") for one in offered_terms(as_actor(requester)))

    def test_are_not_there_for_who_does_not_see_them(self, requester: User, as_actor: Any) -> None:
        for query in ("cf.floor=2", "cf.nothing=2"):
            actor = as_actor(requester)
            with pytest.raises(InvalidInput, match="no such field"):
                narrowed(Incident.objects.visible_to(actor), terms_of(pairs_of(query)), Reading.by(actor))
