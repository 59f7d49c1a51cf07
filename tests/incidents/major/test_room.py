"""The war room: its page, what moves on it by itself, its box of words and commands, and its REST twin."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from incidents.incident import operations as incidents
from incidents.major import operations, queries
from incidents.major.queries import timeline_sources
from incidents.major.queries.timeline_sources import Happened
from incidents.major.vocabulary import Source
from incidents.models import Major, MajorUpdate
from itsm.accounts.models import Membership, Team, User
from itsm.kernel.errors import InvalidInput, NotPermitted
from itsm.notifications.models import Notification
from itsm.work.models import Task
from tests.incidents.major.situations import an_incident, fresh, live, proposed, resolved

pytestmark = pytest.mark.django_db
NOW = timezone.now


@pytest.fixture
def led(agent: User, manager: User, as_actor: Any) -> Major:
    """Live, led by the manager, a responder beside."""
    return live(as_actor(agent), as_actor(manager))


@pytest.mark.parametrize("state", ["proposed", "rejected", "live", "mitigated", "resolved", "concluded", "demoted"])
def test_the_room_of_each_state_is_drawn(state: str, agent: User, manager: User, as_actor: Any, web: Any) -> None:
    managing = as_actor(manager)
    made = {
        "proposed": lambda: proposed(managing),
        "rejected": lambda: operations.reject(proposed(managing), actor=managing, reason="One till"),
        "live": lambda: live(managing, managing),
        "mitigated": lambda: operations.mitigate(live(managing, managing), actor=managing, at=NOW()),
        "resolved": lambda: resolved(live(managing, managing), managing),
        "concluded": lambda: operations.conclude(
            resolved(live(managing, managing, severity=3), managing), actor=managing
        ),
        "demoted": lambda: operations.demote(
            live(managing, managing, severity=3), actor=managing, reason="One till", notice_fate="none"
        ),
    }[state]()
    page = web(manager).get(made.get_absolute_url()).content.decode()
    assert f"{made.get_status_display()}</span>" in page
    assert "Checkout returns 502" in web(agent).get(f"/majors/?tab={_tab(state)}").content.decode()


def _tab(state: str) -> str:
    known = {"proposed": "proposed", "resolved": "resolved", "concluded": "concluded"}
    return known.get(state, "none" if state in {"rejected", "demoted"} else "running")


def test_only_what_moved_is_drawn_again(led: Major, manager: User, agent: User, as_actor: Any, web: Any) -> None:
    reader = web(manager)
    page = reader.get(led.get_absolute_url())
    asked = {
        "stamp": page.context["stamp"], "since": page.context["beside"], "tasks": page.context["tasks_stamp"],
        "hears": page.context["hears_stamp"],
    }  # fmt: skip
    assert reader.get(f"{led.get_absolute_url()}live/", asked).status_code == 204
    incidents.note(led.incident, actor=as_actor(agent), text="The pool is empty")
    moved = reader.get(f"{led.get_absolute_url()}live/", asked).content.decode()
    assert "The pool is empty" in moved
    assert "Something beside the timeline changed" not in moved
    operations.mitigate(fresh(led), actor=as_actor(manager), at=NOW())
    assert (
        "Something beside the timeline changed" in reader.get(f"{led.get_absolute_url()}live/", asked).content.decode()
    )


def test_tasks_and_stakeholders_come_into_a_room_that_stands_open(
    led: Major, manager: User, requester: User, as_actor: Any, web: Any
) -> None:
    reader, managing = web(manager), as_actor(manager)
    page = reader.get(led.get_absolute_url())
    asked = {
        "stamp": page.context["stamp"], "since": page.context["beside"], "tasks": page.context["tasks_stamp"],
        "hears": page.context["hears_stamp"],
    }  # fmt: skip
    operations.add_task(led, actor=managing, title="Roll back CHG-7")
    moved = reader.get(f"{led.get_absolute_url()}live/", asked)
    assert "Roll back CHG-7" in moved.content.decode()
    assert 'id="stakeholders"' not in moved.content.decode(), "what did not move is not drawn again"
    operations.add_stakeholder(led, actor=managing, person=requester, at=NOW())
    again = reader.get(f"{led.get_absolute_url()}live/", asked).content.decode()
    assert 'id="stakeholders"' in again
    assert 'hx-swap-oob="true"' in again


def test_who_accepted_it_writes_in_its_room_wherever_they_work(agent: User, person: Any, as_actor: Any) -> None:
    """Its members alone change what lies in a queue; the manager decides about its incidents, and answers for them."""
    queue = Team.objects.create(slug="vault", name="Vault", takes_work=True)
    Membership.objects.create(user=agent, team=queue)
    deciding, outside = as_actor(person("manager", username="mona")), as_actor(person("manager", username="mike"))
    incident = incidents.open_incident(actor=as_actor(agent), title="Vault is shut", team=queue)
    major = operations.propose_incident(incident, actor=as_actor(agent), reason="All of it")
    led = operations.accept(major, actor=deciding, severity=2, commander="agent", at=NOW())
    operations.say(led, actor=deciding, text="I called the vendor", at=NOW())
    with pytest.raises(NotPermitted):
        operations.say(led, actor=outside, text="So did I", at=NOW())


def test_a_cursor_tells_what_is_new_and_knows_no_other_words(led: Major, agent: User, as_actor: Any) -> None:
    actor = as_actor(agent)
    first = queries.timeline_of(led, actor, now=NOW())
    later = NOW() + timedelta(minutes=10)
    seen = queries.timeline_of(led, actor, now=later, after=first.after).after
    assert queries.timeline_of(led, actor, now=later, after=seen).lines == []
    operations.add_moment(led, actor=actor, text="The release ended", at=NOW() - timedelta(hours=2), now=NOW())
    (new,) = queries.timeline_of(led, actor, now=later, after=seen).lines
    assert (new.text, new.source) == ("The release ended", "moment"), "noted now of long ago"
    for wrong in ("e1", "e1.n1.u1.m1.t99999999999", "e1.n1.u1.m1.t1'--", f"{seen}\n"):
        with pytest.raises(InvalidInput):
            queries.timeline_of(led, actor, now=later, after=wrong)


def test_what_others_register_stands_in_it_and_is_pinned(
    led: Major, agent: User, as_actor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Happened("page:7", NOW(), "C was paged", Source.PAGE)
    monkeypatch.setattr(timeline_sources, "_sources", [lambda ids: [told] if led.incident_id in ids else []])
    actor = as_actor(agent)
    pinned = operations.pin(led, actor=actor, key="page:7", at=NOW())
    assert operations.pin(led, actor=actor, key="page:7", at=NOW()) == pinned
    (line,) = [one for one in queries.timeline_of(led, actor, now=NOW()).lines if one.key == "page:7"]
    assert (line.text, line.pinned) == ("C was paged", pinned.pk)
    monkeypatch.setattr(timeline_sources, "_sources", [])
    operations.unpin(led, pinned, actor=actor)
    assert not led.moments.exists()


@pytest.mark.parametrize(
    ("typed", "came"),
    [
        ("The pool is empty", lambda m: "The pool is empty" in str([*m.incident_notes()])),
        ("/update We roll back", lambda m: MajorUpdate.objects.get().text == "We roll back"),
        ("/task engineer: roll back", lambda m: str(Task.objects.get().assigned_to) == "engineer"),
        ("/task roll: back", lambda m: Task.objects.get().title == "roll: back"),
        ("/pin The release ended", lambda m: m.moments.get().text == "The release ended"),
        ("/stakeholder owner answers for tills", lambda m: m.stakeholders.get().why == "answers for tills"),
        ("/scribe agent", lambda m: str(fresh(m).scribe) == "agent"),
        ("/bridge https://meet.example/7", lambda m: fresh(m).bridge == "https://meet.example/7"),
    ],
)
def test_the_box_takes_words_and_commands(
    typed: str, came: Any, led: Major, manager: User, engineer: User, owner: User, as_actor: Any, monkeypatch: Any
) -> None:
    from incidents.incident.queries import notes_on

    monkeypatch.setattr(
        Major, "incident_notes", lambda m: [one.text for one in notes_on(m.incident, with_private=True)], raising=False
    )
    operations.say(led, actor=as_actor(manager), text=typed, at=NOW())
    assert came(led)


@pytest.mark.parametrize("typed", ["/dance", "/update", "/scribe nobody", "/stakeholder nobody", " "])
def test_what_the_box_does_not_understand_it_says(typed: str, led: Major, manager: User, as_actor: Any) -> None:
    with pytest.raises(InvalidInput):
        operations.say(led, actor=as_actor(manager), text=typed, at=NOW())


def test_an_update_reaches_who_waits_and_moves_the_next_one(
    led: Major, manager: User, owner: User, requester: User, as_actor: Any
) -> None:
    managing = as_actor(manager)
    operations.add_stakeholder(led, actor=managing, person=requester, why="the branches", at=NOW())
    at = NOW()
    told = operations.inform(led, actor=managing, text="We roll back", at=at)
    assert told.next_update_at == at + timedelta(minutes=30), "severity 1"
    assert (MajorUpdate.objects.get().told, Notification.objects.filter(subject__contains="an update").count()) == (
        1,
        1,
    )


def test_severity_and_commander_are_for_who_decides_or_commands(
    led: Major, agent: User, manager: User, as_actor: Any, web: Any
) -> None:
    agenting = as_actor(agent)
    kept = operations.edit(led, actor=agenting, version=led.version, impact="All tills")
    from itsm.kernel.errors import NotPermitted

    with pytest.raises(NotPermitted, match="says the severity"):
        operations.edit(kept, actor=agenting, version=kept.version, severity=4)
    with pytest.raises(NotPermitted, match="says the severity"):
        operations.edit(kept, actor=agenting, version=kept.version, commander=agent)
    given = operations.edit(kept, actor=as_actor(manager), version=kept.version, commander=agent, cadence=5)
    assert (given.commander, given.next_update_at - given.accepted_at) == (agent, timedelta(minutes=5))
    form = {"severity": 2, "commander": agent.pk, "cadence": 60, "version": given.version, "impact": "Some"}
    assert web(manager).post(f"{led.get_absolute_url()}edit/", form).status_code == 302
    assert (fresh(led).severity, fresh(led).impact) == (2, "Some")


def test_an_incidents_page_proposes_and_leads_there(agent: User, requester: User, as_actor: Any, web: Any) -> None:
    incident = an_incident(as_actor(agent))
    address = f"/majors/about/{incident.reference}/"
    assert "Propose" in web(agent).get(address).content.decode()
    went = web(agent).post(address, {"reason": "All tills are down"})
    assert went.headers["Location"] == f"/majors/{incident.reference}/"
    assert "Decide about it" in web(agent).get(address).content.decode()
    assert web(requester).get(f"/majors/{incident.reference}/").status_code == 404
    assert web(requester).get("/majors/").status_code == 403


def test_over_rest_it_is_proposed_accepted_and_demoted(client: Any, api: Any, agent: User, manager: User) -> None:
    responder, decider = api(agent), api(manager)
    incident = responder.post("/api/v1/incidents/", {"title": "Tills are down"}, format="json").json()["number"]
    made = responder.post("/api/v1/majors/", {"incident": incident, "reason": "All tills"}, format="json")
    assert (made.status_code, made.json()["state"]) == (201, "proposed")
    path = f"/api/v1/majors/{incident}/"
    assert responder.post(f"{path}accept/", {"severity": "1"}, format="json").status_code == 403
    assert decider.post(f"{path}accept/", {"severity": "7"}, format="json").status_code == 400
    assert decider.post(f"{path}accept/", {"severity": "3"}, format="json").json()["commander"] == "manager"
    assert decider.post(f"{path}accept/", {"severity": "1"}, format="json").status_code == 409
    wrong = {"reason": "By the logs", "started_at": (NOW() + timedelta(hours=1)).isoformat()}
    assert decider.post(f"{path}correct-times/", wrong, format="json").status_code == 422
    lines = responder.get(f"{path}timeline/").json()
    assert {"key", "at", "text", "source", "by", "url", "pinned"} == set(lines["lines"][0])
    assert responder.get(f"{path}timeline/?after={lines['after']}").status_code == 200
    demoted = decider.post(f"{path}demote/", {"reason": "One till", "notice_fate": "none"}, format="json")
    assert (demoted.status_code, demoted.json()["state"]) == (200, "demoted"), "of no service, and not grave"
