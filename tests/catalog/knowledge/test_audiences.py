"""Who reads what: every role, every audience, every state, by every door; what is hidden changes no byte of any answer."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.knowledge import operations, queries
from catalog.models import Article
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Membership, Team, User
from itsm.files.models import Attachment
from itsm.kernel.actors import Actor, Door
from itsm.search.finding import find
from tests.api.world import ROLES, browser
from tests.factories.files import picture, received
from tests.factories.knowledge import a_draft, a_live_article, published, somebody
from tests.factories.slo import a_service
from tests.slo.proving import TURN, by_turns

pytestmark = pytest.mark.django_db
WORD = "Zyxwvut"
OVERSEERS = {"owner", "manager", "auditor", "admin"}
STAFF = set(ROLES) - {"requester"}
WRITERS = {"agent", "engineer", "owner", "manager", "admin"}


@pytest.fixture
def vault() -> Team:
    """A team with a requester and an agent in it."""
    team = Team.objects.create(slug="vault", name="Vault")
    for name, role in (("asking member", "requester"), ("member", "agent")):
        Membership.objects.create(user=User.objects.create(username=name, roles=[role]), team=team)
    return team


def _people() -> dict[str, User]:
    for role in ROLES:
        User.objects.get_or_create(username=role, defaults={"roles": [role]})
    return {name: User.objects.get(username=name) for name in (*ROLES, "asking member", "member")}


def _readers(audience: str, is_live: bool) -> set[str]:
    everybody, members = {*ROLES, "asking member", "member"}, {"asking member", "member"}
    seen = {"all": everybody, "staff": STAFF | {"member"}, "team": OVERSEERS | members}[audience]
    return seen if is_live else seen - {"requester", "asking member"}


def _article(audience: str, state: str, vault: Team) -> Article:
    given = [f"team:{vault.pk}"] if audience == "team" else [audience]
    made: Article = {"draft": a_draft}.get(state, a_live_article)(title=f"{WORD} {audience} {state}", audience=given)
    if state == "retired":
        operations.retire(made, actor=somebody("manager"))
    return made


@pytest.mark.heavy
@pytest.mark.parametrize("audience", ["all", "staff", "team"])
@pytest.mark.parametrize("state", ["live", "draft", "retired"])
def test_each_door_shows_it_to_its_readers_and_to_nobody_else(audience: str, state: str, vault: Team, api: Any) -> None:
    article = _article(audience, state, vault)
    ref = article.reference
    people, readers = _people(), _readers(audience, state == "live")
    # Whoever is denied is asked always.
    for name in sorted(set(people) - readers | by_turns(readers, len(audience) + len(state) + TURN, one_in=4)):
        user, reads = people[name], name in readers
        client, page = api(user), browser(user)
        got = {
            "rest": client.get(f"/api/v1/articles/{ref}/").status_code == 200,
            "list": ref in client.get("/api/v1/articles/").content.decode(),
            "page": page.get(f"/knowledge/{ref}/").status_code == 200,
            "slug": page.get(f"/knowledge/{ref}/any-words/").status_code == 302,
        }
        assert got == dict.fromkeys(got, reads), (name, got)
        if state == "live":
            answered = client.get(f"/api/v1/articles/suggest/?q={WORD}").content.decode()
            assert (ref in answered) == reads, name
            assert (ref in page.get(f"/knowledge/?q={WORD}").content.decode()) == reads, name


def test_search_and_the_box_above_find_it_for_its_readers(vault: Team, as_actor: Callable[[User], Actor]) -> None:
    made = {
        (audience, state): _article(audience, state, vault)
        for audience in ("all", "staff", "team")
        for state in ("live", "draft")
    }
    for name, user in _people().items():
        found = {one.reference for one in find(as_actor(user), WORD, limit=50).documents}
        for (audience, state), article in made.items():
            # A draft for a team is found by whose it is and by who sees every article; others of it go by the address.
            expected = name in _readers(audience, state == "live")
            if (audience, state) == ("team", "draft"):
                expected = name in OVERSEERS
            assert (article.reference in found) == expected, (name, audience, state)


def _asked(client: APIClient, page: Client, ref: str) -> list[tuple[int, str]]:
    answers = [
        client.get(f"/api/v1/articles/{ref}/"), client.post(f"/api/v1/articles/{ref}/vote/", {"helped": True}, format="json"),
        client.patch(f"/api/v1/articles/{ref}/", {"title": "x"}, format="json"), client.get("/api/v1/articles/"),
        client.get(f"/api/v1/articles/suggest/?q={WORD}"), client.get(f"/api/v1/articles/suggest/?q={WORD[1:]}"),
        client.get(f"/api/v1/articles/{ref}/versions/"), client.post(f"/api/v1/articles/{ref}/publish/", {}, format="json"),
        page.get(f"/knowledge/{ref}/"), page.get(f"/knowledge/{ref}/words/"), page.get(f"/knowledge/?q={WORD}"), page.get("/knowledge/"),
        page.post("/knowledge/suggested/", {"title": WORD}), page.get(f"/knowledge/{ref}/versions/1/"), page.get(f"/search/?q={WORD}"),
    ]  # fmt: skip
    return [(one.status_code, _plain(one.content.decode(), ref)) for one in answers]


def _plain(text: str, ref: str) -> str:
    """Without the reference that was asked for, and what differs from request to request."""
    text = re.sub(r'(form_token|csrfmiddlewaretoken)" value="[^"]*"|X-CSRFToken": "[^"]*"|nonce="[^"]*"', "", text)
    text = re.sub(r'"(request_id|instance)": ?"[^"]*"|[0-9a-f]{32}', "", text)
    return text.replace(ref, "")


@pytest.mark.parametrize("who", ["requester", "agent"])
def test_a_hidden_article_answers_byte_for_byte_as_one_that_does_not_exist(who: str, vault: Team, api: Any) -> None:
    user = _people()[who]
    a_live_article(title="Something else", audience=["all"])
    absent = "KNO-09999"
    client, page = api(user), browser(user)
    before = _asked(client, page, absent)
    hidden = _article("team" if who == "agent" else "staff", "live", vault)
    assert _asked(client, page, absent) == before
    assert _asked(client, page, hidden.reference) == before


def test_versions_are_read_by_their_own_audience_who_work_here_and_by_who_wrote_them(vault: Team) -> None:
    """One that was for everybody, one for a team, and a draft for who works here beside it."""
    article = a_live_article(audience=["all"])
    for number, audience in enumerate((f"team:{vault.pk}", "all", "staff"), start=2):
        now = Article.objects.get(pk=article.pk)
        operations.edit_article(
            now, actor=somebody("agent", "author"), version=now.version, at=timezone.now(),
            body=f"Version {number}.", audience=[audience],
        )  # fmt: skip
        if number < 4:
            published(Article.objects.get(pk=article.pk))
    now, people = Article.objects.get(pk=article.pk), _people()
    read = {
        name: {one.number for one in queries.versions_for(now, actor_for(people[name], Door.WEB))}
        for name in ("requester", "asking member", "agent", "member", "auditor")
    }
    assert read == {
        "requester": {3}, "asking member": {3}, "agent": {1, 3, 4}, "member": {1, 2, 3, 4}, "auditor": {1, 2, 3, 4}
    }  # fmt: skip
    assert {one.number for one in queries.versions_for(now, somebody("agent", "author"))} == {1, 2, 3, 4}
    requester = browser(people["requester"])
    seen = {
        number
        for number in range(1, 5)
        if requester.get(f"{now.get_absolute_url()}versions/{number}/").status_code == 200
    }
    assert seen == {3}


def test_a_picture_is_given_to_the_readers_of_the_live_text_that_shows_it_and_to_no_other_requester(
    vault: Team,
) -> None:
    writer = somebody("agent", "writer")
    article = a_draft(writer, audience=["all"])
    shown, unused = (operations.add_picture(article, received(f"{name}.png", picture()), actor=writer) for name in "ab")
    now = Article.objects.get(pk=article.pk)
    body = f"![a]({shown.get_absolute_url()})"
    operations.edit_article(now, actor=writer, version=now.version, at=timezone.now(), body=body)
    people = _people()

    def given(name: str, file: Attachment) -> int:
        answer: Any = browser(people[name]).get(file.get_absolute_url())
        if answer.streaming:
            for close in answer._resource_closers:  # the answer itself would close the database's connection too
                close()
        return int(answer.status_code)

    assert (given("requester", shown), given("agent", shown)) == (404, 200)
    operations.propose(article, actor=writer)
    operations.publish(article, actor=somebody("agent", "reviewer"), at=timezone.now())
    assert (given("requester", shown), given("requester", unused), given("agent", unused)) == (200, 404, 200)
    assert f'src="/files/{shown.key}/"' in browser(people["requester"]).get(article.get_absolute_url()).content.decode()
    operations.retire(Article.objects.get(pk=article.pk), actor=somebody("manager"))
    assert given("requester", shown) == 404
    assert Attachment.objects.filter(record_kind="article").count() == 2


def test_the_draft_beside_the_live_text_reaches_no_requester(api: Any) -> None:
    article = a_live_article(title="Old", body="Old words.", audience=["all"])
    now = Article.objects.get(pk=article.pk)
    operations.edit_article(
        now, actor=somebody("agent"), version=now.version, at=timezone.now(), body="Unreleased words."
    )
    requester = _people_without_team()["requester"]
    for path in (f"/knowledge/{article.reference}/", f"/knowledge/{article.reference}/versions/1/"):
        assert "Unreleased" not in browser(requester).get(path).content.decode()
    assert browser(requester).get(f"/knowledge/{article.reference}/versions/2/").status_code == 404
    assert "Unreleased" not in api(requester).get(f"/api/v1/articles/{article.reference}/").content.decode()
    assert api(requester).get("/api/v1/articles/suggest/?q=unreleased").json()["results"] == []
    shown = browser(User.objects.get(username="agent")).get(f"/knowledge/{article.reference}/versions/2/")
    assert "Unreleased" in shown.content.decode()


def _people_without_team() -> dict[str, User]:
    return {role: User.objects.get_or_create(username=role, defaults={"roles": [role]})[0] for role in ROLES}


def test_a_requester_narrows_lists_by_nothing_that_they_are_not_told(api: Any) -> None:
    """Whether a draft stands beside it, whose it is and whether it is overdue: a filter would answer what no field says."""
    hidden = Team.objects.create(slug="hr", name="HR", takes_work=True, confidential=True)
    article = a_live_article(audience=["all"], service=a_service(team=hidden), team=hidden)
    requester = _people_without_team()["requester"]
    for asked in ("status=published", "status=draft", "team=hr", "overdue=false", "live=true"):
        assert api(requester).get(f"/api/v1/articles/?{asked}").status_code == 400, asked
    assert api(requester).get(f"/api/v1/articles/?service={article.service.slug}").status_code == 200
    assert api(User.objects.get(username="agent")).get("/api/v1/articles/?team=hr").json()["results"] != []


def test_a_picture_that_is_taken_away_is_there_for_nobody_and_history_keeps_that_it_was(api: Any) -> None:
    writer = somebody("agent", "writer")
    draft = a_draft(writer, audience=["all"])
    kept = operations.add_picture(draft, received("keys.png", picture()), actor=writer)
    now = Article.objects.get(pk=draft.pk)
    body = f"Look: ![the keys]({kept.get_absolute_url()})"
    operations.edit_article(now, actor=writer, version=now.version, at=timezone.now(), body=body)
    article, people = published(draft), _people_without_team()
    where = f"/api/v1/articles/{article.reference}/pictures/{kept.key}/"
    page = browser(people["agent"]).get(f"{article.get_absolute_url()}edit/").content.decode()
    assert f"{article.get_absolute_url()}pictures/{kept.key}/withdraw/" in page
    for name in ("requester", "auditor", "approver"):
        assert api(people[name]).delete(where).status_code == 403, name
    assert api(people["agent"]).delete(where).status_code == 204
    for name in ("requester", "agent", "admin"):
        assert browser(people[name]).get(kept.get_absolute_url()).status_code == 404, name
        assert browser(people[name]).get(f"{kept.get_absolute_url()}thumbnail/").status_code == 404, name
        shown = browser(people[name]).get(article.get_absolute_url()).content.decode()
        assert "[the keys]" in shown
        assert str(kept.key) not in shown
    assert api(people["agent"]).delete(where).status_code == 404
    assert api(people["agent"]).get(f"/api/v1/articles/{article.reference}/pictures/").json()["results"] == []
    history = browser(people["agent"]).get(article.get_absolute_url()).content.decode()
    assert "took a picture away" in history
    assert "keys.png" in history
    row = Attachment.objects.get(pk=kept.pk)
    assert row.withdrawn_by == people["agent"]


def test_a_picture_is_taken_away_on_the_page_and_only_of_its_own_article(vault: Team) -> None:
    writer = somebody("agent", "writer")
    mine, other = a_draft(writer), a_draft(writer)
    kept = operations.add_picture(mine, received("keys.png", picture()), actor=writer)
    agent = browser(_people_without_team()["agent"])
    assert agent.post(f"{other.get_absolute_url()}pictures/{kept.key}/withdraw/").status_code == 404
    assert Attachment.objects.get(pk=kept.pk).withdrawn_at is None
    answer = agent.post(f"{mine.get_absolute_url()}pictures/{kept.key}/withdraw/", follow=True)
    assert "keys.png is taken away" in answer.content.decode()
    assert Attachment.objects.get(pk=kept.pk).withdrawn_at is not None


def test_no_count_tells_of_an_article_that_somebody_may_not_read(vault: Team) -> None:
    agent, member = somebody("agent"), somebody("agent", "member")
    operations.propose(a_draft(somebody("agent", "writer"), audience=["staff"]), actor=Actor.system("tests"))
    before = queries.counts(agent, timezone.localdate())
    assert before == {"review": 1, "drafts": 0, "overdue": 0}
    operations.propose(a_draft(member, audience=[f"team:{vault.pk}"]), actor=member)
    a_draft(member, audience=[f"team:{vault.pk}"])
    late = a_live_article(audience=[f"team:{vault.pk}"])
    Article.objects.filter(pk=late.pk).update(review_on=timezone.localdate() - timedelta(days=1))
    assert queries.counts(agent, timezone.localdate()) == before
    assert queries.counts(member, timezone.localdate()) == {"review": 2, "drafts": 1, "overdue": 1}


def test_no_news_tells_of_an_article_that_somebody_may_not_read_any_more(vault: Team) -> None:
    """Who wrote in it was told; then it became a team's own."""
    begun = a_draft(somebody("agent", "author"), title=f"{WORD} one")
    operations.edit_article(begun, actor=somebody("agent"), version=1, at=timezone.now(), body="More.")
    article = published(Article.objects.get(pk=begun.pk))
    agent = browser(User.objects.get(username="agent"))
    assert f"{WORD} one" in agent.get("/notifications/").content.decode()
    operations.edit_article(
        article, actor=somebody("manager"), version=article.version, at=timezone.now(), audience=[f"team:{vault.pk}"]
    )
    published(Article.objects.get(pk=article.pk))
    assert agent.get(article.get_absolute_url()).status_code == 404
    assert WORD not in agent.get("/notifications/").content.decode()
