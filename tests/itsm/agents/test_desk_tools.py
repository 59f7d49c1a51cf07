"""A software agent reads what its owner reads: no more, nothing of the desk's for a requester's, and it is seen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from catalog.models import Article, Service
from catalog.requests import operations as requests
from incidents.incident import operations as incidents
from incidents.models import Incident, Postmortem, Problem
from incidents.postmortem import operations as postmortems
from incidents.problem import operations as problems
from itsm.accounts.models import Membership, Team, User
from itsm.agents import tools
from itsm.agents.answers import Answer
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor, Door, Role
from itsm.kernel.errors import InvalidInput, NotFound
from itsm.search.finding import find
from itsm.work.models import Watcher
from tests.api.world import World
from tests.factories.knowledge import a_draft, a_live_article
from tests.itsm.agents.founding import agent_of, call_by

SYSTEM = Actor.system("tests")


@dataclass
class Desk:
    """What lies there, and the person who asked for some of it."""

    asked: Incident
    foreign: Incident
    secret: Incident
    problem: Problem
    article: Article
    draft: Article
    postmortem: Postmortem
    service: Service
    staffs_service: Service

    @property
    def every(self) -> list[Any]:
        return [
            self.asked, self.foreign, self.secret, self.problem, self.article, self.draft, self.postmortem, self.service,
            self.staffs_service,
        ]  # fmt: skip


@pytest.fixture
def desk(requester: User, agent: User, as_actor: Callable[..., Actor]) -> Desk:
    hr = Team.objects.create(slug="hr", name="HR", confidential=True, takes_work=True)
    desk = Team.objects.create(slug="first-line", name="First line", takes_work=True)
    Membership.objects.create(team=hr, user=User.objects.create(username="hr-agent", roles=["agent"]))
    Membership.objects.create(team=desk, user=agent)
    works = as_actor(agent)
    asked = incidents.open_incident(
        actor=works, title="Checkout is slow", description="Since noon.", caller=requester, team=desk, channel="mail"
    )
    incidents.say(asked, actor=works, text="Looks like the caller's own fault", private=True)
    incidents.say(asked, actor=works, text="We are looking at it", private=False)
    incidents.say(asked, actor=as_actor(requester), text="Thank you", private=False)
    foreign = incidents.open_incident(actor=works, title="Checkout prints twice", team=desk)
    return Desk(
        asked=asked,
        foreign=foreign,
        secret=incidents.open_incident(actor=SYSTEM, title="Checkout of a colleague", team=hr),
        problem=problems.open_problem(actor=works, statement="Checkout leaks", cause="A pool", raised_from=[]),
        article=a_live_article(title="Checkout for everybody", audience=["all"]),
        draft=a_draft(title="Checkout for the desk"),
        postmortem=postmortems.open_postmortem(actor=SYSTEM, incident=foreign, at=timezone.now()),
        service=Service.objects.create(slug="checkout", name="Checkout"),
        staffs_service=Service.objects.create(slug="checkout-internal", name="Checkout inside", audience=["staff"]),
    )


def ask(owner: User, tool: str, **arguments: Any) -> Any:
    """What the tool answers an agent of this person. Raises what it refuses with."""
    found = tools.find(tool)
    assert found is not None
    agent = User.objects.filter(username=f"agent-of-{owner.username}").first()
    call = call_by(agent.agent if agent is not None else agent_of(owner, name=f"agent-of-{owner.username}"))
    return found.run(call, found.arguments.model_validate(arguments))


def called(record: Any) -> str:
    return str(record.slug if record.kind == "service" else record.reference)


def address(record: Any) -> str:
    return f"/services/{record.slug}/" if record.kind == "service" else str(record.get_absolute_url())


def reads(owner: User, record: Any) -> Answer | None:
    try:
        answer: Answer = ask(owner, f"read_{record.kind}", reference=called(record))
    except NotFound:
        return None
    return answer


@pytest.mark.parametrize("role", list(Role))
def test_an_agent_reads_exactly_the_records_of_which_its_owner_sees_the_page(
    role: str, desk: Desk, person: Callable[..., User], web: Callable[[User], Client]
) -> None:
    owner = person(role)
    seen = {called(one) for one in desk.every if web(owner).get(address(one)).status_code == 200}
    assert {called(one) for one in desk.every if reads(owner, one) is not None} == seen
    assert desk.secret.reference not in seen


@pytest.mark.parametrize("role", list(Role))
def test_an_agent_finds_what_its_owner_finds(role: str, desk: Desk, person: Callable[..., User]) -> None:
    owner = person(role)
    found = ask(owner, "search", text="checkout", limit=25)
    call = call_by(User.objects.get(username=f"agent-of-{owner.username}").agent)
    assert [one.reference for one in found.results] == [one.reference for one in find(call.eyes, "checkout").documents]
    assert all(one.url.startswith(f"{settings.BASE_URL}/") for one in found.results)
    assert {one.reference for one in found.results} == {
        called(one) for one in desk.every if one.kind != "service" and reads(owner, one) is not None
    }


def test_the_private_notes_of_a_request_are_for_the_desk_alone(world: World, as_actor: Callable[..., Actor]) -> None:
    request = world.requested
    follower, desk = world.people["requester"], world.people["admin"]
    Watcher.objects.create(record_kind=request.kind, record_id=request.pk, user=follower, at=timezone.now())
    requests.say(request, actor=as_actor(desk), text="Between us", private=True)
    theirs, ours = (ask(one, "read_request", reference=request.reference) for one in (follower, desk))
    assert (theirs.reads_private, ours.reads_private) == (False, True)
    assert "Between us" not in theirs.model_dump_json()
    assert ours.notes[0].text.text == "Between us"
    assert [one.reference for one in theirs.items] == [one.reference for one in ours.items]
    assert theirs.items


def test_a_requesters_agent_gets_no_private_word_and_the_desks_gets_all(
    desk: Desk, requester: User, agent: User
) -> None:
    theirs, ours = (ask(one, "read_incident", reference=desk.asked.reference) for one in (requester, agent))
    assert [one.text.text for one in theirs.notes] == ["Thank you", "We are looking at it"]
    assert (theirs.reads_private, ours.reads_private) == (False, True)
    assert [(one.private, one.text.text) for one in ours.notes] == [
        (False, "Thank you"),
        (False, "We are looking at it"),
        (True, "Looks like the caller's own fault"),
    ]
    assert [one.text.quoted_from for one in ours.notes] == ["portal", "note", "note"]
    assert theirs.title.quoted_from == "mail"


def test_what_is_not_there_and_what_is_not_seen_answer_alike(desk: Desk, requester: User) -> None:
    for hidden in (desk.secret, desk.foreign, desk.problem, desk.draft):
        prefix, _dash, number = hidden.reference.partition("-")
        nowhere = f"{prefix}-{int(number) + 900:05d}"
        said = []
        for reference in (hidden.reference, nowhere):
            with pytest.raises(NotFound) as refused:
                ask(requester, f"read_{hidden.kind}", reference=reference)
            said.append((refused.value.detail.replace(reference, "it"), refused.value.extra))
        assert said[0] == said[1]


def test_reading_in_a_confidential_queue_is_noted_as_the_agents_with_whose_rights(desk: Desk, agent: User) -> None:
    owner = User.objects.get(username="hr-agent")
    for _ in range(2):
        ask(owner, "read_incident", reference=desk.secret.reference)
    ask(owner, "read_incident", reference=desk.asked.reference)
    entry = Entry.objects.get(event="confidential.read")
    assert (entry.actor_name, entry.actor_kind, entry.via) == ("agent-of-hr-agent", "agent", Door.MCP)
    assert entry.reference == desk.secret.reference
    assert entry.changes == {"with_the_rights_of": [None, "person:hr-agent"]}


def test_pages_of_notes_and_results_follow_each_other_and_lose_nothing(
    desk: Desk, agent: User, as_actor: Callable[..., Actor]
) -> None:
    for number in range(22):
        incidents.say(desk.asked, actor=as_actor(agent), text=f"Note {number}", private=True)
    read, cursor = [], None
    for _page in range(3):
        answer = ask(agent, "read_incident", reference=desk.asked.reference, cursor=cursor)
        read += [one.id for one in answer.notes]
        cursor = answer.next_cursor
    assert cursor is None
    assert len(read) == 25
    assert read == sorted(set(read), reverse=True)
    first = ask(agent, "search", text="checkout", limit=3)
    second = ask(agent, "search", text="checkout", limit=3, cursor=first.next_cursor)
    both = [one.reference for one in (*first.results, *second.results)]
    assert both == [one.reference for one in ask(agent, "search", text="checkout").results]
    assert second.next_cursor is None


@pytest.mark.parametrize("cursor", ["-1", "0", "x", "1e3", "１", "9" * 19])
def test_a_cursor_that_no_answer_gave_is_refused(cursor: str, desk: Desk, agent: User) -> None:
    with pytest.raises(InvalidInput):
        ask(agent, "search", text="checkout", cursor=cursor)


def test_a_search_is_narrowed_by_kind_and_unknown_kinds_are_named(desk: Desk, agent: User) -> None:
    found = ask(agent, "search", text="checkout", kinds=["article"])
    assert {one.kind for one in found.results} == {"article"}
    assert found.next[0].endswith(found.results[0].reference + ".")
    with pytest.raises(InvalidInput, match="no kind salary"):
        ask(agent, "search", text="checkout", kinds=["salary"])


def test_the_queue_of_the_desk_is_its_work_and_a_requesters_what_they_asked_for(
    desk: Desk, agent: User, requester: User
) -> None:
    work = ask(agent, "my_queue")
    assert (work.whose, {one.reference for one in work.lines}) == (
        "to_do",
        {desk.asked.reference, desk.foreign.reference},
    )
    asked = ask(requester, "my_queue")
    assert (asked.whose, [one.reference for one in asked.lines]) == ("asked_for", [desk.asked.reference])
    assert ask(requester, "my_queue", whose="to_do").lines == []


def test_answers_are_what_the_owner_may_be_offered(desk: Desk, agent: User, requester: User) -> None:
    known = problems.open_problem(
        actor=SYSTEM, statement="Checkout is slow in the evening", cause="A pool", workaround="Restart it", owner=agent
    )
    known = problems.assess(known, actor=SYSTEM)
    problems.know(known, actor=SYSTEM)
    ours = ask(agent, "find_answers", reference=desk.asked.reference)
    assert [one.reference for one in ours.known_errors] == [known.reference]
    assert ours.known_errors[0].workaround.text == "Restart it"
    assert [(one.reference, one.for_caller) for one in ours.articles] == [(desk.article.reference, True)]
    theirs = ask(requester, "find_answers", text="checkout slow")
    assert theirs.known_errors == []
    assert {one.reference for one in theirs.articles} <= {desk.article.reference}
    with pytest.raises(InvalidInput):
        ask(agent, "find_answers", text=" ")
    with pytest.raises(NotFound):
        ask(requester, "find_answers", reference=desk.secret.reference)


def test_a_long_article_comes_in_parts_that_make_the_whole(agent: User) -> None:
    body = "".join(f"Line {number}\n" for number in range(2_000)).strip()
    article = a_live_article(title="All of it", body=body)
    text, cursor = "", None
    for _part in range(3):
        answer = ask(agent, "read_article", reference=article.reference, cursor=cursor)
        text, cursor = text + answer.body.text, answer.next_cursor
        assert answer.body.cut is (cursor is not None)
    assert text == body


def test_what_lives_on_in_another_is_named_only_to_who_sees_that_one(
    desk: Desk, requester: User, agent: User, as_actor: Callable[..., Actor]
) -> None:
    incidents.merge(desk.asked, into=desk.foreign.reference, actor=as_actor(agent), consent=True)
    assert desk.foreign.reference in str(ask(agent, "read_incident", reference=desk.asked.reference).next)
    theirs = ask(requester, "read_incident", reference=desk.asked.reference)
    survivor_seen = reads(requester, desk.foreign) is not None
    assert (desk.foreign.reference in theirs.model_dump_json()) is survivor_seen
