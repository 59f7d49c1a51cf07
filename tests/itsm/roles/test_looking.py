"""Looking at the desk with the rights of others: what is seen, what stays hidden, and that nothing is written."""

import html
import re
from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Service
from catalog.requests import queries as requests
from catalog.requests.models import Request, RequestItem
from incidents.incident import operations as incidents
from incidents.incident.models import Incident
from incidents.incident.queries.sight import may_see
from incidents.next_up import queries as next_up
from incidents.problem import operations as problems
from incidents.problem.models import Problem
from itsm.accounts import looking
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Grant, Membership, OwnRole, Team, User
from itsm.agents.acting import call_of
from itsm.approvals.counting import waiting_count
from itsm.approvals.models import ApprovalRequest
from itsm.approvals.queries import waiting_for
from itsm.approvals.waiting import waiting
from itsm.audit.models import Entry
from itsm.audit.recording import record_event
from itsm.kernel.actors import Actor, Door, Kind, Role
from itsm.kernel.errors import NotPermitted
from itsm.paging.models import Page
from itsm.paging.queries import reading as pages
from itsm.proposals import operations as proposals
from itsm.proposals import queries as proposed
from itsm.roles.why import record_at, why
from itsm.search.index import reindex
from tests.factories.requests import a_request, an_item, asks, question
from tests.incidents.postmortem.situations import a_draft, an_action
from tests.incidents.proposed.conftest import PROPOSE, agent_of

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")


def an_incident(*, caller: User, title: str, team: Team | None = None) -> Incident:
    """Opened a moment ago, and to be found."""
    found = team or Team.objects.get_or_create(slug="desk", defaults={"name": "Desk", "takes_work": True})[0]
    return incidents.open_incident(actor=SYSTEM, caller=caller, title=title, team=found)


LOOK, END = "/settings/roles/look/", "/settings/roles/look/end/"


@pytest.fixture
def secret(db: None) -> Team:
    return Team.objects.create(slug="hr", name="People matters", takes_work=True, confidential=True)


@pytest.fixture
def affair(secret: Team, requester: User) -> Incident:
    return an_incident(caller=requester, title="An affair that is nobody's business", team=secret)


@pytest.fixture
def insider(secret: Team, person: Callable[..., User]) -> User:
    return person("agent", secret, username="insider")


def look(client: Client, what: str) -> Any:
    return client.post(LOOK, {"as": what})


def test_an_administrator_sees_the_desk_as_a_role_and_is_told_so(admin: User, web: Callable[..., Client]) -> None:
    client = web(admin)
    assert client.get("/settings/").status_code == 200
    assert look(client, "role:agent").status_code in (302, 204)
    assert client.get("/settings/").status_code == 403
    page = client.get("/incidents/")
    assert page.status_code == 200
    assert b"with the rights of" in page.content
    assert b"Service-desk agent" in page.content
    assert client.post(END).status_code in (302, 204)
    assert client.get("/settings/").status_code == 200
    told = list(
        Entry.objects.filter(record_kind="user", record_id=admin.pk).order_by("id").values_list("event", flat=True)
    )
    assert told == ["user.looking", "user.looking_ended"]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_is_written_meanwhile_through_any_door(method: str, admin: User, web: Callable[..., Client]) -> None:
    client = web(admin)
    look(client, "role:admin")
    before = Entry.objects.count()
    for address in ("/people/new/", "/settings/roles/new/", "/settings/roles/look/", "/api/v1/incidents/"):
        answer = getattr(client, method)(address, {"name": "X"}, content_type="application/json")
        assert answer.status_code == 403, address
    assert Entry.objects.count() == before
    assert client.get("/profile/").status_code == 403


def test_the_history_refuses_even_what_a_door_let_through(admin: User) -> None:
    actor = Actor(id=admin.pk, name="A", kind=Kind.HUMAN, roles=frozenset({Role.ADMIN}), looks_only=True)
    with pytest.raises(NotPermitted, match="nothing is written"):
        record_event("user.edited", admin, actor=actor)


@pytest.mark.parametrize("what", ["role:agent", "person:insider", "person:requester", "role:admin"])
def test_what_is_hidden_from_who_looks_stays_hidden(
    what: str, admin: User, affair: Incident, insider: User, web: Callable[..., Client]
) -> None:
    client = web(admin)
    assert look(client, what).status_code in (302, 204)
    for address in (f"/incidents/{affair.reference}/", "/incidents/", "/search/?q=affair", "/"):
        answer = client.get(address, follow=True)
        assert b"nobody&#x27;s business" not in answer.content, (what, address)
    assert client.get(f"/incidents/{affair.reference}/").status_code == 404
    answer = client.get("/api/v1/incidents/")
    assert affair.reference not in answer.content.decode()


def test_a_grant_to_the_role_opens_no_queue_to_who_looks(
    admin: User, secret: Team, affair: Incident, web: Callable[..., Client]
) -> None:
    Grant.objects.create(team=secret, role="agent", right="view", granted_at=timezone.now())
    client = web(admin)
    look(client, "role:agent")
    assert client.get(f"/incidents/{affair.reference}/").status_code == 404


def test_who_may_see_it_themselves_sees_it_only_where_the_other_may(
    admin: User, secret: Team, affair: Incident, web: Callable[..., Client]
) -> None:
    Membership.objects.create(user=admin, team=secret)
    client = web(admin)
    assert client.get(f"/incidents/{affair.reference}/").status_code == 200
    look(client, "role:engineer")
    assert client.get(f"/incidents/{affair.reference}/").status_code == 404


def test_what_both_may_see_is_seen_and_counts_as_read_by_who_looks(
    admin: User, secret: Team, affair: Incident, insider: User, web: Callable[..., Client]
) -> None:
    Membership.objects.create(user=admin, team=secret)
    client = web(admin)
    look(client, "person:insider")
    assert client.get(f"/incidents/{affair.reference}/").status_code == 200
    assert not Entry.objects.filter(actor_id=insider.pk).exists()


def test_auditors_look_too_but_not_as_who_reads_more(
    auditor: User, agent: User, admin: User, web: Callable[..., Client]
) -> None:
    client = web(auditor)
    for what in ("role:admin", "role:manager", f"person:{admin.username}"):
        assert look(client, what).status_code == 403
    assert look(client, "person:agent").status_code in (302, 204)
    assert look(web(agent), "role:requester").status_code == 403


def test_where_a_role_is_read_it_says_how_to_look_like_that_and_who_may_not(
    auditor: User, admin: User, web: Callable[..., Client]
) -> None:
    OwnRole.objects.create(slug="answers", name="Answers", rights=["desk.work", "satisfaction.read_people"])
    OwnRole.objects.create(slug="night", name="Night desk", rights=["desk.work"])
    button, refused = f'action="{LOOK}"', "You cannot look at the desk like this"
    for reader in (admin, auditor):
        assert "choose “Look at the desk like this”" in web(reader).get("/settings/roles/").content.decode()
    for path, who_may in (("answers", [admin]), ("night", [admin, auditor]), ("built-in/manager", [admin])):
        for reader in (admin, auditor):
            page = web(reader).get(f"/settings/roles/{path}/").content.decode()
            assert (button in page, refused in page) == (reader in who_may, reader not in who_may), path


def test_it_ends_by_itself_and_with_the_rights_of_who_looks(
    admin: User, web: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = web(admin)
    look(client, "role:requester")
    assert client.get("/settings/").status_code == 403
    User.objects.filter(pk=admin.pk).update(roles=["agent"])
    page = client.get("/incidents/")  # may look no more: sees what nobody's rights show
    assert b"with the rights of" in page.content
    User.objects.filter(pk=admin.pk).update(roles=["admin"])
    monkeypatch.setattr(looking, "looks_as", looking.looks_as)
    later = timezone.now() + timedelta(minutes=31)
    monkeypatch.setattr("itsm.accounts.looking.timezone.now", lambda: later)
    assert client.get("/settings/").status_code == 200


def test_an_own_role_is_looked_with_as_well(admin: User, web: Callable[..., Client]) -> None:
    OwnRole.objects.create(slug="night", name="Night desk", rights=["desk.work", "incidents.respond"])
    client = web(admin)
    assert look(client, "own:night").status_code in (302, 204)
    assert b"Night desk" in client.get("/incidents/").content
    assert look(web(admin), "own:day").status_code == 404


def test_why_somebody_sees_a_record_and_what_is_missing(
    admin: User, agent: User, requester: User, insider: User, affair: Incident, as_actor: Callable[..., Actor]
) -> None:
    plain = an_incident(caller=requester, title="The printer is away")
    assert record_at(f"/incidents/{plain.reference}/", as_actor(admin)) == plain
    assert record_at(f"/incidents/{affair.reference}/", as_actor(admin)) is None
    assert why(plain, agent).because == ["Their role Service-desk agent shows it."]
    assert [one[:12] for one in why(plain, requester).because] == ["It is theirs"]
    assert why(affair, insider).because[-1] == "Its queue People matters is confidential: they are a member of it."
    missing = why(affair, agent)
    assert not missing.sees
    assert "confidential" in missing.missing[0]
    other = User.objects.create(username="other", roles=["requester"])
    assert "No role of theirs works here" in why(plain, other).missing[0]
    other.own_roles = [OwnRole.objects.create(slug="night", name="Night desk", rights=["desk.work"]).slug]
    other.save()
    assert why(plain, other).because == ["Their own role Night desk shows it."]
    other.is_active = False
    assert why(plain, other).missing == ["The account is deactivated: nothing is shown to it."]
    for user in (agent, requester, insider, other):
        for one in (plain, affair):
            fresh = User.objects.get(pk=user.pk)
            assert why(one, fresh).sees == may_see(as_actor(fresh), one)


def test_the_page_that_says_why(admin: User, agent: User, requester: User, web: Callable[..., Client]) -> None:
    plain = an_incident(caller=requester, title="The printer is away")
    client = web(admin)
    answer = client.get("/settings/roles/why/", {"of": f"/incidents/{plain.reference}/", "person": "agent"})
    assert b"Their role Service-desk agent shows it." in answer.content
    numbered = client.get("/settings/roles/why/", {"of": plain.reference.lower(), "person": "agent"})
    assert b"Their role Service-desk agent shows it." in numbered.content
    assert web(agent).get("/settings/roles/why/").status_code == 403
    for of in ("", "/", "nothing", "/incidents/INC-999/", "//x"):
        assert client.get("/settings/roles/why/", {"of": of, "person": "no such"}).status_code == 200


def test_auditors_do_not_look_with_what_an_own_role_borrows_of_managers(
    auditor: User, admin: User, person: Callable[..., User], web: Callable[..., Client]
) -> None:
    OwnRole.objects.create(slug="answers", name="Answers", rights=["desk.work", "satisfaction.read_people"])
    OwnRole.objects.create(slug="readers", name="Readers", rights=["desk.work"])
    one = person("requester", username="reads-answers")
    User.objects.filter(pk=one.pk).update(own_roles=["answers"])
    for what in ("own:answers", "person:reads-answers"):
        assert look(web(auditor), what).status_code == 403, what
        assert look(web(admin), what).status_code == 302, what
    client = web(auditor)
    assert look(client, "own:readers").status_code == 302
    OwnRole.objects.filter(slug="readers").update(rights=["desk.work", "satisfaction.read_people"])
    page: Any = client.get("/incidents/")
    assert page.wsgi_request.headroom_actor.rights == frozenset(), "nor with what it is given meanwhile"


@pytest.mark.parametrize("what", ["person:bo", "role:agent"])
def test_nothing_that_a_page_asks_for_by_itself_is_refused_to_who_looks(
    what: str, admin: User, requester: User, person: Callable[..., User], web: Callable[..., Client]
) -> None:
    plain = an_incident(caller=requester, title="The printer is away")
    person("agent", Team.objects.get(slug="desk"), username="bo")
    client = web(admin)
    look(client, what)
    for address in ("/", "/incidents/", f"/incidents/{plain.reference}/", "/changes/", "/services/", "/approvals/"):
        page = client.get(address)
        assert page.status_code == 200, address
        text = page.content.decode()
        parts = re.findall(r'hx-get="([^"]+)"[^>]*hx-trigger="(?:load|every)', text)
        refused = [one for one in parts if client.get(html.unescape(one), HTTP_HX_REQUEST="true").status_code == 403]
        assert refused == [], address
        assert not re.search(r'data-look="|hx-post="[^"]+" hx-trigger="load', text), "it would be sent by itself"


def in_hand(title: str, of: User, caller: User, team: Team | None = None) -> Incident:
    found = an_incident(caller=caller, title=title, team=team)
    Incident.objects.filter(pk=found.pk).update(assigned_to=of)
    return found


def test_what_waits_is_the_work_of_the_person_and_of_a_role_nobodys(
    admin: User, requester: User, insider: User, secret: Team, web: Callable[..., Client]
) -> None:
    Service.objects.create(slug="shop", name="Shop")  # without any the desk says how to begin
    in_hand("In the hands of the insider", insider, requester)
    in_hand("In the hands of who looks", admin, requester)
    in_hand("Nobody's business", insider, requester, secret)
    an_incident(caller=insider, title="Reported by the insider")
    client = web(admin)
    desk = {"/": client.get("/").content, "mine": client.get("/incidents/?tab=mine").content}
    assert all(b"hands of who looks" in one and b"hands of the insider" not in one for one in desk.values())
    look(client, "person:insider")
    for address in ("/", "/incidents/?tab=mine", "/incidents/?assigned=me"):
        page = client.get(address).content
        assert b"hands of the insider" in page, address
        assert b"hands of who looks" not in page, address
        assert b"business" not in page, "what is hidden from who looks stays hidden"
    assert b"Reported by the insider" not in client.get("/").content
    look_again(client, "role:agent")
    for address in ("/", "/incidents/?tab=mine"):
        assert b"In the hands of" not in client.get(address).content, address


def test_what_is_mine_in_each_list_is_the_work_of_the_person(
    admin: User, requester: User, insider: User, web: Callable[..., Client], as_actor: Callable[..., Actor]
) -> None:
    for whose in (admin, insider):
        title = f"In the hands of {whose.username}"
        in_hand(title, whose, requester)
        problem = problems.open_problem(actor=as_actor(insider), statement=title)
        Problem.objects.filter(pk=problem.pk).update(owner=whose)
        an_action(as_actor(insider), a_draft(as_actor(insider)), owner=whose, text=title)
        asked = a_request(as_actor(requester), an_item(f"laptop-{whose.username}", name=title))
        RequestItem.objects.filter(request=asked).update(assigned_to=whose, status="fulfilling")
        Request.objects.filter(pk=asked.pk).update(status="fulfilling")
    lists = ("/problems/?tab=mine", "/postmortems/actions/?tab=mine", "/requests/?tab=mine")
    client = web(admin)

    def shown(name: str) -> list[str]:
        return [one for one in lists if f"In the hands of {name}".encode() in client.get(one).content]

    assert (shown(admin.username), shown(insider.username)) == ([*lists], [])
    look(client, "person:insider")
    assert (shown(admin.username), shown(insider.username)) == ([], [*lists])
    look_again(client, "role:agent")
    assert shown(admin.username) == shown(insider.username) == []
    nexts = next_up.turns(seen_by(as_actor(admin), "person:insider"), timezone.now(), UTC)
    assert {one.incident.assigned_to for one in nexts} == {insider, None}, "and what nobody has taken"


def look_again(client: Client, what: str) -> None:
    client.post(END)
    assert look(client, what).status_code in (302, 204)


def seen_by(actor: Actor, what: str) -> Actor:
    request = RequestFactory().get("/")
    request.session, request.COOKIES = {}, {settings.SESSION_COOKIE_NAME: "x"}  # type: ignore[assignment]
    looking.remember(request, what, what)
    return looking.looking(request, actor)


def test_asks_that_wait_are_those_of_the_person_without_what_is_hidden_from_who_looks(
    admin: User, insider: User, affair: Incident, requester: User, as_actor: Callable[..., Actor]
) -> None:
    plain, bound = (an_incident(caller=requester, title=title) for title in ("The printer", "The scanner"))
    reindex(Incident)
    for one, excluded in ((plain, []), (affair, []), (bound, [insider.pk])):
        ApprovalRequest.objects.create(
            record_kind="incident", record_id=one.pk, role="agent", excluded=excluded, asked_at=timezone.now()
        )

    def waits(actor: Actor) -> list[int]:
        return sorted(waiting_for(actor).values_list("record_id", flat=True))

    own = as_actor(admin)
    assert waits(as_actor(insider)) == sorted([plain.pk, affair.pk])
    seen = seen_by(own, "person:insider")
    assert waits(seen) == [plain.pk]
    assert waits(seen_by(own, "role:agent")) == sorted([plain.pk, bound.pk])


def test_who_looks_as_somebody_who_is_asked_reads_nothing_more_by_that(
    requester: User,
    secret: Team,
    person: Callable[..., User],
    as_actor: Callable[..., Actor],
    web: Callable[..., Client],
) -> None:
    mona, auditor = person("requester", username="mona"), person("auditor", username="aud")
    User.objects.filter(pk=requester.pk).update(manager=mona)
    by_manager, why = asks({"who": "manager", "value": "", "quorum": "any"}), question("why", audience="confidential")
    put = [
        a_request(as_actor(requester), an_item(name, team=team, steps=[by_manager], questions=[why]), answers={"why": "ill"})
        for name, team in (("laptop", None), ("leave", secret))
    ]  # fmt: skip
    seen = seen_by(as_actor(auditor), "person:mona")
    client = web(auditor)
    look(client, "person:mona")
    for one in put:
        assert requests.may_see(as_actor(mona), one)
        assert not requests.may_see(seen, one)
        assert client.get(one.get_absolute_url()).status_code == 404
    page = client.get("/approvals/").content
    assert not [one for one in put if one.reference.encode() in page]


@pytest.mark.parametrize(("what", "times"), [("person:insider", 1), ("person:nobody", 1), ("role:agent", 0)])
def test_who_is_looked_as_is_read_once(what: str, times: int, admin: User, insider: User) -> None:
    request = RequestFactory().get("/")
    request.COOKIES[settings.SESSION_COOKIE_NAME] = "x"
    request.session = {}  # type: ignore[assignment]
    looking.remember(request, what, "Somebody")
    with CaptureQueriesContext(connection) as asked:
        seen = looking.looking(request, actor_for(admin, Door.WEB))
    assert seen.waits_as == (insider.pk if what == "person:insider" else 0)
    named = [one["sql"] for one in asked.captured_queries if '"accounts_user"."username" = ' in one["sql"]]
    assert len(named) == times


def test_what_is_counted_while_one_looks_is_what_is_shown(
    requester: User,
    secret: Team,
    person: Callable[..., User],
    as_actor: Callable[..., Actor],
    web: Callable[..., Client],
) -> None:
    mona, auditor = person("requester", username="mona"), person("auditor", username="aud")
    boss = person("agent", username="boss")
    User.objects.filter(pk=requester.pk).update(manager=mona)
    by_manager = asks({"who": "manager", "value": "", "quorum": "any"})
    a_request(as_actor(requester), an_item("leave", team=secret, steps=[by_manager]))
    a_request(as_actor(requester), an_item("laptop", steps=[by_manager]))
    assert waiting_count(as_actor(mona)) == 2
    seen = seen_by(as_actor(auditor), "person:mona")
    assert (waiting(seen, timezone.now()), waiting_count(seen)) == ([], 0)
    User.objects.filter(pk=requester.pk).update(manager=boss)
    shown = a_request(as_actor(requester), an_item("screen", steps=[by_manager]))
    seen = seen_by(as_actor(auditor), "person:boss")
    assert [one.reference for one in waiting(seen, timezone.now())] == [f"{shown.reference}.1"]
    assert (waiting_count(seen), waiting_count(seen, "change")) == (1, 0)


def test_pages_of_a_queue_that_is_hidden_from_who_looks_are_neither_shown_nor_counted(
    admin: User, insider: User, secret: Team, as_actor: Callable[..., Actor]
) -> None:
    open_queue = Team.objects.create(slug="desk", name="Desk", takes_work=True)
    for number, team in enumerate((secret, open_queue)):
        Page.objects.create(
            person=insider, subject_kind="incident", subject_id=number + 1, title="It burns", path="/", urgency="high",
            team=team, code=str(number), begun_at=timezone.now(),
        )  # fmt: skip
    for reader, number in ((as_actor(insider), 2), (seen_by(as_actor(admin), "person:insider"), 1)):
        assert (pages.own_pages(reader).count(), len(pages.waiting_for(reader).rows())) == (number, number)


def test_proposals_that_wait_for_the_person_are_shown_and_counted_and_decided_by_nobody(
    admin: User, agent: User, requester: User, web: Callable[..., Client], as_actor: Callable[..., Actor]
) -> None:
    incident = an_incident(caller=requester, title="Cannot print")
    Membership.objects.create(user=agent, team=incident.team)
    call = call_of(agent_of(agent), agent, PROPOSE, at=timezone.now())
    made = proposals.propose(
        actor=call.actor, eyes=call.eyes, at=timezone.now(), kind="fields", reference=incident.reference,
        body={"impact": 1}, reason="Nobody prints.", source="a mail",
    )  # fmt: skip
    seen = seen_by(as_actor(admin), f"person:{agent.username}")
    assert list(proposed.waiting_for(seen)) == [made]
    assert len(proposed.waiting_count(seen).rows()) == 1
    assert not proposed.decidable_by(seen).exists()
    client = web(admin)
    look(client, f"person:{agent.username}")
    page = client.get("/proposals/").content.decode()
    assert "Cannot print" in page
    assert 'data-decide="' not in page
    assert "you decide" not in page
    look_again(client, "role:auditor")
    seen = seen_by(as_actor(admin), "role:auditor")
    assert (list(proposed.waiting_for(seen)), proposed.waiting_count(seen).rows()) == ([], [])


def test_where_the_person_reads_what_is_theirs_alone_it_says_that_it_is_left_out(
    admin: User, requester: User, web: Callable[..., Client]
) -> None:
    an_incident(caller=requester, title="Cannot print")
    client = web(admin)
    assert "stay yours" not in client.get("/").content.decode()
    look(client, f"person:{requester.username}")
    said = {
        "/requests/": "What they asked for is not shown",
        "/portal/mine/": "What they asked for is not shown",
        "/portal/mine/?tab=over": "What they asked for is not shown",
        "/portal/": "What they asked for is theirs alone",
        "/incidents/": "What they reported is not shown",
    }
    for address, sentence in said.items():
        page = client.get(address).content.decode()
        assert sentence in page, address
        assert "You asked for nothing yet" not in page
        assert "The bell, what you asked for and “Four eyes” stay yours." in page
    look_again(client, "role:agent")
    assert "What they asked for is not shown" in client.get("/requests/?tab=asked").content.decode()
    client.post(END)
    assert "You asked for nothing yet" in web(requester).get("/requests/").content.decode()
