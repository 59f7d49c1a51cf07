"""Who reads what: every role, every audience, every state, by every door; what is hidden changes no byte of any answer."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.knowledge import operations
from catalog.models import Article
from itsm.accounts.models import Membership, Team, User
from itsm.files.models import Attachment
from itsm.kernel.actors import Actor
from itsm.search.finding import find
from tests.api.world import ROLES, browser
from tests.factories.files import picture, received
from tests.factories.knowledge import a_draft, a_live_article, somebody
from tests.factories.slo import a_service
from tests.slo.proving import by_turns

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
    for name in sorted(set(people) - readers | by_turns(readers, len(audience) + len(state), one_in=4)):
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
