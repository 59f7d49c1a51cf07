"""Links, known errors, duplicates, problems, articles and lines of timelines: proposed, accepted, taken back, stale."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Article
from incidents.incident import operations as incidents
from incidents.models import Incident, Postmortem, Problem
from incidents.postmortem.operations import open_postmortem
from incidents.problem import operations as problems
from itsm.accounts.models import Membership, Team, User
from itsm.agents.models import Agent
from itsm.agents.operations import end
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from itsm.proposals import operations, queries
from itsm.proposals.models import Proposal
from itsm.work.models import Link, Note

AsActor = Callable[..., Actor]
Proposed = Callable[..., Proposal]


@pytest.fixture
def other(desk: Team) -> Incident:
    return Incident.objects.create(title="No toner", team=desk, opened_at=timezone.now())


def accept(proposal: Proposal, actor: Actor, **more: Any) -> Proposal:
    return operations.accept(proposal, actor=actor, at=timezone.now(), **more)


def agents_named(record: Any) -> list[str]:
    entries = Entry.objects.filter(record_kind=record.kind, record_id=record.pk).order_by("id")
    return [one.changes.get("proposed_by_agent", [None, ""])[1] for one in entries]


@pytest.mark.parametrize(
    ("kind", "body", "meaning"),
    [("link", {"relation": "caused_by"}, "caused"), ("duplicate", {}, "duplicates")],
)
def test_an_arrow(
    incident: Incident, other: Incident, agent: User, proposed: Proposed, as_actor: AsActor, kind: str,
    body: dict[str, Any], meaning: str,
) -> None:  # fmt: skip
    actor, named = as_actor(agent), {"link": "to", "duplicate": "of"}[kind]
    made = proposed(kind, **{named: other.reference}, **body)
    assert not Link.objects.exists()
    accept(made, actor)
    assert Link.objects.get().meaning == meaning
    assert agents_named(incident) == ["claude for engineer"]
    operations.take_back(made, actor=actor, at=timezone.now())
    assert not Link.objects.exists()
    incidents.connect(incident, actor=actor, to=other.reference, relation=str(made.parts.get().value).split()[0])
    [told] = queries.told([Proposal.objects.get(pk=made.pk)], actor)
    assert told.why_not == {"link": "It is linked so already."}


def test_an_edited_arrow_and_an_odd_one(
    incident: Incident, other: Incident, agent: User, proposed: Proposed, as_actor: AsActor
) -> None:
    made, actor = proposed("link", to=other.reference), as_actor(agent)
    with pytest.raises(InvalidInput, match="Relations are"):
        accept(made, actor, values={"link": f"likes {other.reference}"})
    accept(made, actor, values={"link": f"follows {other.reference}"})
    assert Link.objects.get().meaning == "follows"
    for body in ({"to": incident.reference}, {"to": "CHG-99999"}, {"to": other.reference, "relation": "likes"}):
        with pytest.raises(InvalidInput):
            proposed("link", **body)


def test_what_is_confidential_is_linked_by_who_reads_it(
    incident: Incident, other: Incident, engineer: User, proposed: Proposed
) -> None:
    hidden = Team.objects.create(name="Payroll", slug="payroll", takes_work=True, confidential=True)
    Membership.objects.create(user=engineer, team=hidden)
    Incident.objects.filter(pk=other.pk).update(team=hidden)
    with pytest.raises(InvalidInput, match="confidential"):
        proposed("link", to=other.reference)


def test_a_known_error(incident: Incident, agent: User, desk: Team, proposed: Proposed, as_actor: AsActor) -> None:
    actor = as_actor(agent)
    problem = problems.open_problem(actor=actor, statement="Toner leaks", workaround="Shake it.", team=desk)
    with pytest.raises(InvalidInput, match="no known error"):
        proposed("known_error", problem=problem.reference)
    problems.edit(problem, actor=actor, version=problem.version, owner=agent)
    problems.know(problems.assess(problem, actor=actor), actor=actor, cause="Cheap toner.")
    made = proposed("known_error", problem=problem.reference)
    accept(made, actor)
    assert Note.objects.get().private
    assert Link.objects.get().meaning == "caused"
    assert set(agents_named(incident)) == {"claude for engineer"}
    with pytest.raises(Conflict, match="stays"):
        operations.take_back(made, actor=actor, at=timezone.now())


def test_a_problem_in_the_name_of_who_accepts_it(
    incident: Incident, agent: User, proposed: Proposed, as_actor: AsActor
) -> None:
    made, actor = proposed("problem", statement="Toner leaks", symptom="Grey pages"), as_actor(agent)
    late = proposed("problem", statement="Another")
    assert not Problem.objects.exists()
    accept(made, actor, fields=["statement"])  # its parts are one
    problem = Problem.objects.get()
    assert (problem.statement, problem.symptom, problem.opened_by_id) == ("Toner leaks", "Grey pages", agent.pk)
    assert set(agents_named(problem)) == {"claude for engineer"}
    with pytest.raises(operations.Overtaken, match="named as its cause"):
        accept(late, actor)
    assert Problem.objects.count() == 1


def test_an_article_is_a_draft_of_who_accepts_it(
    incident: Incident, agent: User, proposed: Proposed, as_actor: AsActor
) -> None:
    made = proposed("article", title="Why does it print grey?", body="Shake the *toner*.")
    assert not Article.objects.exists()
    accept(made, as_actor(agent), values={"body": "Shake it well."})
    article = Article.objects.get()
    assert (article.status, article.writers, article.origin_id) == ("draft", [agent.pk], incident.pk)
    assert article.versions.get().body == "Shake it well."
    assert set(agents_named(article)) == {"claude for engineer"}


def test_a_line_of_a_timeline(incident: Incident, agent: User, proposed: Proposed, as_actor: AsActor) -> None:
    actor = as_actor(agent)
    postmortem = open_postmortem(actor=actor, incident=incident)
    for at in ("yesterday", "2026-11-30T04:12:00"):
        with pytest.raises(InvalidInput, match="zone"):
            proposed("timeline_entry", postmortem, at=at, text="The toner was out.")
    made = proposed("timeline_entry", postmortem, at="2026-11-30T04:12:00Z", text="The toner was out.")
    before = postmortem.events.count()
    accept(made, actor)
    assert postmortem.events.filter(text="The toner was out.").count() == 1
    assert Postmortem.objects.get().writers == [agent.pk]
    operations.take_back(made, actor=actor, at=timezone.now())
    assert postmortem.events.filter(removed=False).count() == before
    Postmortem.objects.update(status="review")
    [told] = queries.told([Proposal.objects.get(pk=made.pk)], actor)
    assert set(told.why_not) == {"at", "text"}


@pytest.mark.parametrize(
    ("kind", "body", "values"),
    [
        ("problem", {"statement": "Toner leaks"}, {"statement": "x" * 201}),
        ("problem", {"statement": "Toner leaks"}, {"statement": ["no text"]}),
        ("article", {"title": "Why?", "body": "So."}, {"title": "x" * 500}),
        ("article", {"title": "Why?", "body": "So."}, {"title": None}),
        ("link", {}, {"link": {"to": 7}}),
    ],
)
def test_what_a_person_writes_instead_is_read_as_everywhere(
    incident: Incident, other: Incident, agent: User, proposed: Proposed, as_actor: AsActor, kind: str,
    body: dict[str, Any], values: dict[str, Any],
) -> None:  # fmt: skip
    made = proposed(kind, **(body or {"to": other.reference}))
    with pytest.raises(InvalidInput):
        accept(made, as_actor(agent), values=values)
    made.refresh_from_db()
    assert made.state == "waiting"


def test_a_token_needs_the_scope_of_what_is_written(
    incident: Incident, agent: User, proposed: Proposed, as_actor: AsActor
) -> None:
    made = proposed("article", title="Why?", body="So.")
    with pytest.raises(NotPermitted, match="catalog:write"):
        accept(made, as_actor(agent).narrowed(["incidents:write"]))
    accept(made, as_actor(agent).narrowed(["catalog:write"]))


def test_an_agent_that_ends_takes_what_waits_with_it(
    incident: Incident, engineer: User, proposed: Proposed, as_actor: AsActor, claude: Agent
) -> None:
    made = proposed(priority=1)
    end(claude, actor=as_actor(engineer), at=timezone.now())
    made.refresh_from_db()
    assert made.state == "withdrawn"
