"""The third axis of who may what: the same roles at the same addresses, of a record that is hidden from them.

A record of a confidential queue changes no byte of what others get, wherever they look; its own addresses answer as those
of a record that does not exist. Sampled: at each address one of the roles, by turns, and what changes no byte at every
eighth address, in another turn (PROOF_TURN) at others; `make prove` asks all of them.
"""

import json
import re
from collections.abc import Collection, Iterator
from functools import partial
from typing import Any, NamedTuple

import pytest
from django.db import transaction
from django.utils import timezone

from catalog.agreements import operations as agreements
from catalog.requests import operations as requests
from catalog.services import operations as catalog
from changes.models import Change, Decision
from incidents.incident import operations
from incidents.major import operations as majors
from incidents.models import AlertOccurrence, AlertSource, Incident
from incidents.problem import operations as problems
from itsm.accounts import operations as accounts
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.audit.models import Entry
from itsm.kernel.actors import Door
from itsm.macros.models import Macro
from itsm.notifications.notifying import notify
from itsm.paging import operations as paging
from itsm.paging.models import EscalationPolicy
from itsm.work import tasks
from itsm.work.models import View
from itsm.work.watching import watch
from slo.models import OutageCause
from tests.api.routes import Route, routes
from tests.api.world import SYSTEM, World, bearer, browser, question, token_of
from tests.architecture.test_page_matrix import BY_LINK, MAY_OPEN, PUBLIC, address, names
from tests.architecture.test_route_matrix import ALLOWED
from tests.factories import requests as wishes
from tests.slo.proving import IN_FULL, TURN, by_turns

pytestmark = [pytest.mark.django_db, pytest.mark.heavy]

OUTSIDERS = ("agent", "manager", "admin", "auditor", "requester")
UNKNOWN = "INC-99999999"
# What differs from one answer to the next by itself.
_BY_ITSELF = re.compile(
    r'(csrfmiddlewaretoken" value="|"request_id":"|X-CSRFToken": "|nonce="|name="form_token" value=")[^"]*'
)

_CLOCK = re.compile(r"<dt>Your time</dt><dd>[^<]*")


class Hidden(NamedTuple):
    """A record of a confidential queue, somebody who works there, and the requester who reported it."""

    incident: Incident
    member: User
    caller: User


@pytest.fixture(autouse=True)
def _stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands, so that nothing is older in the second answer."""
    now = timezone.now()
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


@pytest.fixture
def queue(world: World) -> tuple[User, User, Any]:
    """A confidential queue with one member, and a requester."""
    member = accounts.add_user(actor=SYSTEM, username="worker-there", roles=["agent"])
    caller = accounts.add_user(actor=SYSTEM, username="asks-there", roles=["requester"])
    team = accounts.add_team(actor=SYSTEM, slug="payroll", name="Payroll", members={member: True})
    team = accounts.edit_queue(team, actor=SYSTEM, version=team.version, takes_work=True, confidential=True)
    wishes.an_item("clearance", questions=[wishes.question("who")], tasks=[wishes.task("look")], team=team)
    return member, caller, team


def hide(world: World, queue: tuple[User, User, Any]) -> Hidden:
    """A record with everything that could show: words, a task, a watcher, a link, a child of it, a duplicate of it."""
    member, caller, team = queue
    actor = actor_for(member, Door.WEB)
    incident = operations.open_incident(
        actor=actor, title="Zyxwvut salary", description="Zyxwvut", service=world.service, team=team, caller=caller,
        priority=2, labels=["zyxwvut"],
    )  # fmt: skip
    incident = operations.acknowledge(incident, actor=actor)
    operations.note(incident, actor=actor, text="Zyxwvut note")
    operations.reply(incident, actor=actor, text="Zyxwvut answer")
    tasks.add_task(incident, actor=actor, title="Zyxwvut task")
    behind = problems.open_problem(
        actor=actor, statement="Zyxwvut problem", workaround="Zyxwvut", team=team, service=world.service,
        raised_from=[incident.reference],
    )  # fmt: skip
    behind = problems.know(problems.assess(behind, actor=actor), actor=actor, cause_unknown=True)
    problems.broadcast(behind, actor=actor, text="Zyxwvut")
    watch(incident, actor=actor, user=member)
    asked = requests.submit(
        actor=actor_for(caller, Door.WEB), items=[requests.Wish("clearance", 1, {"who": "Zyxwvut"})]
    )[0]
    requests.note(asked, actor=actor, text="Zyxwvut")
    requests.wait(asked.items.get(), actor=actor, question="Zyxwvut?")
    child = operations.open_incident(actor=actor, title="Zyxwvut child", service=world.service, team=team)
    operations.set_parent(child, actor=actor, parent=incident.reference)
    OutageCause.objects.create(
        outage=world.outage, reference=incident.reference, title=incident.title, url=incident.get_absolute_url(),
        began_at=world.at, score=90, why="near",
    )  # fmt: skip
    _respond(world, incident, member)
    naming = [{"kind": "field", "value": {"team": "payroll"}}]
    Macro.objects.create(record_kind="incident", slug="zyxwvut", name="Zyxwvut", share="everyone", actions=naming)
    View.objects.create(
        record_kind="incident",
        slug="zyxwvut",
        name="Zyxwvut",
        owner=member,
        share="everyone",
        query="state=open&team=payroll",
    )
    for person in (world.people["agent"], world.people["requester"]):  # told before it went where they do not see it
        notify([person], "Zyxwvut", body="Zyxwvut", record=incident, path=incident.get_absolute_url())
    incident.refresh_from_db()
    return Hidden(incident, member, caller)


def _respond(world: World, incident: Incident, member: User) -> None:
    """What is done about it at night: alerts, pages by a policy, a war room, and words for the public."""
    now, actor = timezone.now(), actor_for(member, Door.WEB)
    AlertOccurrence.objects.create(
        source=AlertSource.objects.get(slug="probe"), fingerprint="zyxwvut", started_at=now, seen_at=now,
        received_at=now, title="Zyxwvut fires", service=world.service, labels={"zyxwvut": "Zyxwvut"},
        group_key="zyxwvut", incident=incident,
    )  # fmt: skip
    policy = EscalationPolicy.objects.create(slug="zyxwvut", name="Zyxwvut", team=incident.team, live_at=now)
    said = {"title": "Zyxwvut salary", "path": incident.get_absolute_url(), "team_id": incident.team.pk, "at": now}
    paging.begin("incident", incident.pk, policy=policy, urgency="high", actor=SYSTEM, **said)
    paging.page_people([member.pk], subject_kind="incident", subject_id=incident.pk, urgency="high", **said)
    major = majors.propose_incident(incident, actor=actor, reason="Zyxwvut", at=now)
    majors.add_stakeholder(major, actor=actor, person=world.people["agent"], why="Zyxwvut", at=now)
    majors.add_moment(major, actor=actor, text="Zyxwvut", at=now, now=now)


def plain(answer: Any) -> tuple[int, str]:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer.status_code, _CLOCK.sub("", _BY_ITSELF.sub(r"\1", body.decode(errors="replace")))


def seen(client: Any, path: str) -> tuple[int, str]:
    """What stands there. Where looking is noted, as an export is, that is undone: else the history of the second look
    holds the first. What a page keeps for the next look stays, as the secret of an app that is being set up."""
    newest = Entry.objects.latest("id").pk
    with transaction.atomic():
        answer = plain(client.get(path))
        transaction.set_rollback(Entry.objects.filter(pk__gt=newest).exists())
    return answer


def _by_one(may: Collection[str], turn: int) -> list[str]:
    """Of those who may look: one, whenever an address comes round the next one."""
    allowed = [role for role in OUTSIDERS if role in may]
    return allowed if IN_FULL or not allowed else [allowed[turn % len(allowed)]]


def looked_at(world: World, clients: dict[str, Any], programs: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """(address, who looks, the client) for everything that is read."""
    every = set(names()) - PUBLIC - BY_LINK - {"accounts:sign_out"}
    for turn, name in enumerate(sorted(by_turns(every, TURN, one_in=8)), TURN // 8):
        for role in _by_one(MAY_OPEN.get(name, ()), turn):
            yield address(name, world), role, clients[role]
    read = {str(route): route for route in routes() if route.method == "GET"}
    for turn, told in enumerate(sorted(by_turns(read, TURN, one_in=8)), TURN // 8):
        for role in _by_one(ALLOWED[told], turn):
            yield world.path(read[told].name), role, programs[role]
    for path in ("/search/?q=zyxwvut", "/search/?q=INC", "/incidents/?text=zyxwvut", "/incidents/?team=payroll",
                 "/incidents/?tab=all", "/api/v1/incidents/?text=zyxwvut", "/api/v1/incidents/?team=payroll",
                 "/reports/incidents/?state=any", "/problems/?text=zyxwvut", "/problems/?tab=known",
                 "/requests/?tab=open", "/requests/?item=clearance", "/requests/report/", "/api/v1/requests/?team=payroll",
                 "/api/v1/requests/report/?days=1", "/search/?q=clearance", "/api/v1/problems/?text=zyxwvut", "/api/v1/problems/known-errors/?q=zyxwvut"):  # fmt: skip
        for role in ("agent", "admin", "auditor"):
            yield path, role, clients[role] if "/api/" not in path else programs[role]


def test_a_hidden_record_changes_no_byte(world: World, queue: Any) -> None:
    clients = {role: browser(world.people[role]) for role in OUTSIDERS}
    programs = {role: bearer(token_of(world.people[role])) for role in OUTSIDERS}
    asked = list(looked_at(world, clients, programs))
    for client in (*clients.values(), *programs.values()):
        client.get("/api/v1/keyboard/")  # from now on each token has been used
    before = [seen(client, path) for path, _role, client in asked]
    hidden = hide(world, queue)
    wrong = []
    for (path, role, client), stood in zip(asked, before, strict=True):
        now = seen(client, path)
        if now != stood:
            wrong.append(f"{path} for {role}: {_difference(stood, now)}")
    assert not wrong, f"{hidden.incident.reference} shows:\n" + "\n".join(wrong)
    # So that the test can fail: who works there sees it.
    assert "Zyxwvut salary" in plain(browser(hidden.member).get("/incidents/?tab=all"))[1]


def test_a_service_for_others_changes_no_byte_for_who_only_asks(world: World) -> None:
    """Its audience is who works here: no list, count, suggestion, filter or error of a requester tells of it. Sampled:
    a third of their pages and routes, and whatever is asked for its name."""
    web, program = browser(world.people["requester"]), bearer(token_of(world.people["requester"]))
    theirs = {name for name, may in MAY_OPEN.items() if "requester" in may} & set(names())
    asked: list[tuple[str, Any]] = [
        (address(name, world), web)
        for name in sorted(by_turns(theirs - PUBLIC - BY_LINK - {"accounts:sign_out"}, TURN, one_in=3))
    ]
    here = {route.name for route in routes() if route.method == "GET" and "requester" in ALLOWED.get(str(route), ())}
    asked += [(world.path(name), program) for name in sorted(by_turns(here, TURN, one_in=3))]
    for word in ("zyxwvut", "Zyxw"):
        asked += [(f"/services/?text={word}", web), (f"/search/?q={word}", web), (f"/incidents/?service={word}", web),
                  (f"/api/v1/services/?text={word}", program), (f"/api/v1/offerings/?service={word}", program),
                  (f"/api/v1/services/{word.lower()}/", program), (f"/services/{word.lower()}/", web),
                  (f"/incidents/of/{word.lower()}/", web), (f"/api/v1/incidents/?service={word}", program)]  # fmt: skip
    program.get("/api/v1/keyboard/")  # from now on the token has been used
    before = [seen(client, path) for path, client in asked]
    service = catalog.create_service(
        actor=SYSTEM, slug="zyxwvut", name="Zyxwvut", tier=1, audience=["staff"],
        depends_on=[{"any_of": [world.service], "needs": 1}],
    )  # fmt: skip
    agreements.create_offering(actor=SYSTEM, service=service, name="Zyxwvut offered")
    incident = operations.open_incident(actor=SYSTEM, title="Zyxwvut fails", service=service, priority=1)
    operations.acknowledge(incident, actor=SYSTEM)
    wrong = [
        f"{path}: {_difference(stood, now)}"
        for (path, client), stood in zip(asked, before, strict=True)
        if (now := seen(client, path)) != stood
    ]
    assert not wrong, "\n".join(wrong)
    assert "Zyxwvut" in plain(browser(world.people["agent"]).get("/services/"))[1]


def _difference(stood: tuple[int, str], now: tuple[int, str]) -> str:
    if stood[0] != now[0]:
        return f"{stood[0]} became {now[0]}"
    place = next((n for n, (a, b) in enumerate(zip(stood[1], now[1], strict=False)) if a != b), len(stood[1]))
    return f"...{stood[1][max(0, place - 60) : place + 80]!r} became ...{now[1][max(0, place - 20) : place + 80]!r}"


def test_the_addresses_of_a_hidden_record_answer_as_those_of_none(world: World, queue: Any) -> None:
    hidden, wrong = hide(world, queue), []
    programs = {role: bearer(token_of(world.people[role])) for role in OUTSIDERS}
    theirs = world.incident.reference
    for turn, route in enumerate((one for one in routes() if f"/{theirs}/" in world.path(one.name)), TURN):
        path = world.path(route.name)
        for role in _by_one(OUTSIDERS, turn):
            found = []
            for reference in (hidden.incident.reference, UNKNOWN):
                with transaction.atomic():
                    answer = programs[role].generic(
                        route.method, path.replace(theirs, reference), *_sent(world, route), headers={"If-Match": '"1"'},
                    )  # fmt: skip
                found.append((answer.status_code, plain(answer)[1].replace(reference, UNKNOWN)))
            if found[0] != found[1]:
                wrong.append(f"{route} for {role}: {found[0]}, and of none {found[1]}")
    assert not wrong, "\n".join(wrong)


def _methods(role: str, turn: int) -> tuple[str, ...]:
    """Both for a requester, who is a customer; of the others one, and the other one when they come round again."""
    both = ("get", "post")
    return both if IN_FULL or role == "requester" else (both[turn // len(OUTSIDERS) % 2],)


def test_everybody_comes_round_with_either_method_at_each_page() -> None:
    for first in range(len(OUTSIDERS) * 2):
        turns = range(first, first + len(OUTSIDERS) * 2)
        asked = {
            (role, method) for turn in turns for role in _by_one(OUTSIDERS, turn) for method in _methods(role, turn)
        }
        assert asked == {(role, method) for role in OUTSIDERS for method in ("get", "post")}


def test_the_pages_of_a_hidden_record_answer_as_those_of_none(world: World, queue: Any) -> None:
    hidden, wrong = hide(world, queue), []
    clients = {role: browser(world.people[role]) for role in OUTSIDERS}
    theirs = world.incident.reference
    paths = {name: address(name, world) for name in sorted(set(names()) - PUBLIC - BY_LINK)}
    for turn, (name, path) in enumerate(((name, path) for name, path in paths.items() if f"/{theirs}/" in path), TURN):
        for role in _by_one(OUTSIDERS, turn):
            for method in _methods(role, turn):
                found = []
                for reference in (hidden.incident.reference, UNKNOWN):
                    with transaction.atomic():
                        answer = getattr(clients[role], method)(path.replace(theirs, reference))
                    found.append((answer.status_code, plain(answer)[1].replace(reference, UNKNOWN)))
                if found[0] != found[1]:
                    wrong.append(f"{method} {name} for {role}: {_difference(found[1], found[0])}")
    assert not wrong, "\n".join(wrong)


def test_an_unseen_queue_answers_like_one_that_does_not_exist_wherever_one_is_named(world: World, queue: Any) -> None:
    hidden, unknown, wrong = queue[2], 99_999_999, []
    where, version = f"/incidents/{world.incident.reference}", world.incident.version
    bulk = {"references": world.incident.reference}
    pages = {
        f"{where}/edit/": {"team": "{pk}", "version": version},
        f"{where}/row/": {"team": "{pk}", "version": version},
        f"{where}/move/": {"group_by": "team", "to": "{pk}", "version": version},
        "/bulk/of/incident/": {**bulk, "field": "team", "value": "{pk}"},
        "/bulk/of/incident/ ": {**bulk, "actions": '[{"kind": "team", "value": "{slug}"}]'},
        "/incidents/new/": {"title": "Help", "team": "{pk}"},
    }
    programs = {
        f"/api/v1{where}/": ("patch", {"team": "{slug}"}),
        "/api/v1/incidents/": ("post", {"title": "Help", "team": "{slug}"}),
        "/api/v1/incidents/bulk/": (
            "post",
            {"ids": [world.incident.reference], "actions": [{"kind": "team", "value": "{slug}"}]},
        ),
    }

    def filled(body: dict[str, Any], slug: str, pk: int) -> dict[str, Any]:
        return {
            name: json.loads(json.dumps(value).replace("{slug}", slug).replace("{pk}", str(pk)))
            for name, value in body.items()
        }

    for role in ("agent", "manager"):
        page, program = browser(world.people[role]), bearer(token_of(world.people[role]))
        asked = [(path.strip(), page.post, body) for path, body in pages.items()]
        asked += [
            (path, partial(getattr(program, verb), format="json"), body) for path, (verb, body) in programs.items()
        ]
        for path, send, body in asked:
            found = []
            for slug, pk in ((hidden.slug, hidden.pk), ("nowhere", unknown)):
                with transaction.atomic():
                    answer = send(path, filled(body, slug, pk), headers={"If-Match": f'"{version}"'})
                    transaction.set_rollback(True)
                status, said = plain(answer)
                found.append((status, said.replace(slug, "?")))
            if found[0] != found[1] or found[0][0] < 400:
                wrong.append(f"{path} for {role}: {found[0][0]}, {found[1][0]}: {_difference(found[1], found[0])}")
    assert not wrong, "\n".join(wrong)


# What the requester of a record of a confidential queue may do with it over REST; everything else is refused.
OWN = {
    "GET incident-attachment-list",
    "GET incident-detail",
    "GET incident-notes",
    "POST incident-attachment-list",
    "POST incident-notes",
    "POST incident-reopen",
    "POST incident-close",
}


def test_ones_own_record_shows_its_public_side_wherever_it_lies(world: World, queue: Any) -> None:
    hidden, wrong = hide(world, queue), []
    mine, theirs = bearer(token_of(hidden.caller)), world.incident.reference
    for route in routes():
        path = world.path(route.name)
        if f"/{theirs}/" not in path:
            continue
        with transaction.atomic():
            answer = mine.generic(
                route.method, path.replace(theirs, hidden.incident.reference),
                *_sent(world, route), headers={"If-Match": '"1"'},
            )  # fmt: skip
        body = plain(answer)[1]
        if (answer.status_code in {403, 404}) == (str(route) in OWN):
            wrong.append(f"{route}: {answer.status_code} {body[:200]}")
        if any(word in body for word in ("Zyxwvut note", "Zyxwvut task", "Zyxwvut child")):
            wrong.append(f"{route} shows what is private: {body[:300]}")
    assert not wrong, "\n".join(wrong)


def _sent(world: World, route: Route) -> tuple[bytes | str, str]:
    """A body that this write accepts, and its type."""
    return world.sent(route.name, route.method) if route.writes else (b"", "application/json")


def test_a_verdict_that_rests_on_a_hidden_record_names_none(world: World, queue: Any) -> None:
    member, caller, team = queue
    actor = actor_for(member, Door.WEB)
    grave = operations.open_incident(
        actor=actor, title="Zyxwvut salary", service=world.service, team=team, caller=caller, priority=1
    )
    operations.acknowledge(grave, actor=actor)
    asks = bearer(token_of(world.people["author"]))
    answer = asks.post("/api/v1/gate-evaluations/", question("900"), format="json").json()
    said = [one["sentence"] for one in answer["reasons"]]
    assert [one for one in said if "an incident that you may not see" in one], said
    change = Change.objects.latest("pk")
    for role in OUTSIDERS:
        shown = plain(browser(world.people[role]).get(f"/changes/{change.reference}/"))[1]
        assert grave.reference not in shown
        assert "Zyxwvut" not in shown
    # The evidence is read by whoever audits: it names nothing either, and compares as equal the next time.
    assert grave.reference not in str(Decision.objects.latest("pk").evidence)


def test_an_emergency_that_names_a_hidden_record_is_about_that_record(world: World, queue: Any) -> None:
    member, caller, team = queue
    grave = operations.open_incident(
        actor=actor_for(member, Door.WEB), title="Zyxwvut", service=world.service, team=team, caller=caller, priority=1
    )
    asked = question("901") | {
        "change_class": "emergency",
        "exception": {"incident": grave.reference},
    }
    answer = bearer(token_of(world.people["author"])).post("/api/v1/gate-evaluations/", asked, format="json")
    assert answer.status_code in {201, 202}, answer.content
    evidence = Decision.objects.latest("pk").evidence
    named = str(evidence)
    assert "no_open_incident" not in [one["code"] for one in answer.json()["reasons"]], named
