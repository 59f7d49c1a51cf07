"""Articles over REST and on pages: versions that were read, steps, votes, previews, and lists that cost the same however long."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Article
from itsm.accounts.models import User
from tests.api.world import browser
from tests.factories.knowledge import a_draft, a_live_article

pytestmark = pytest.mark.django_db


def test_the_whole_life_over_rest(api: Any, agent: User, engineer: User, requester: User) -> None:
    writer, reviewer = api(agent), api(engineer)
    made = writer.post(
        "/api/v1/articles/", {"title": "Printer", "body": "Open **it**.", "audience": ["all"]}, format="json"
    )
    assert made.status_code == 201
    here, tag = f"/api/v1/articles/{made.json()['reference']}/", made["ETag"]
    assert writer.patch(here, {"body": "Open *it*."}, format="json").status_code == 428
    edited = writer.patch(here, {"body": "Open *it*."}, format="json", HTTP_IF_MATCH=tag)
    assert edited.status_code == 200
    assert writer.patch(here, {"body": "Mine."}, format="json", HTTP_IF_MATCH=tag).status_code == 412
    assert writer.post(f"{here}propose/", {}, format="json").json()["status"] == "review"
    assert writer.post(f"{here}publish/", {}, format="json").status_code == 403
    assert reviewer.post(f"{here}return/", {"because": "Which one?"}, format="json").json()["status"] == "draft"
    writer.post(f"{here}propose/", {}, format="json")
    assert reviewer.post(f"{here}publish/", {}, format="json").json()["live"] == 1
    read = api(requester).get(here)
    assert read.json()["html"] == "<p>Open <em>it</em>.</p>\n"
    assert "owner" not in read.json()
    assert "ETag" not in read
    assert api(requester).post(f"{here}vote/", {"helped": True}, format="json").json()["your_vote"] is True
    again = writer.patch(here, {"title": "Printers"}, format="json", HTTP_IF_MATCH=writer.get(here)["ETag"]).json()
    assert (again["title"], again["status"], again["number"], again["live"]) == ("Printer", "draft", 2, 1)
    versions = writer.get(f"{here}versions/").json()["results"]
    assert [(one["number"], one["title"]) for one in versions] == [(2, "Printers"), (1, "Printer")]
    assert api(requester).get(f"{here}versions/").status_code == 403


@pytest.mark.parametrize("body", ["x" * 2_000_000, "- " * 1_000 + "a", "[" * 50_000])
def test_too_much_is_refused_in_words_by_both_doors(api: Any, agent: User, body: str) -> None:
    sent = api(agent).post("/api/v1/articles/", {"title": "x", "body": body}, format="json")
    assert sent.status_code in (400, 413)
    page = browser(agent).post(
        "/knowledge/new/", {"title": "x", "body": body, "audience": "staff", "language": "english"}
    )
    assert page.status_code in (400, 413)
    assert not Article.objects.exists()
    assert browser(agent).post("/knowledge/preview/", {"body": body}).status_code in (200, 413)


def test_pages_write_draw_and_keep_what_was_typed(agent: User) -> None:
    page = browser(agent)
    sent = {
        "title": "Printer",
        "symptoms": "Paper",
        "body": "# A\r\n\r\n**b**",
        "audience": "all",
        "language": "english",
    }
    made = page.post("/knowledge/new/", sent)
    article = Article.objects.get()
    assert made["Location"] == article.get_absolute_url()
    assert article.newest.body == "# A\n\n**b**"
    assert "<h2>A</h2>" in page.get(article.get_absolute_url()).content.decode()
    edited = page.post(f"/knowledge/{article.reference}/edit/", {**sent, "body": "Mine", "version": 99})
    assert edited.status_code == 412
    assert "Mine" in edited.content.decode()
    assert "<strong>x</strong>" in page.post("/knowledge/preview/", {"body": "**x**"}).content.decode()
    terms = page.post(f"/knowledge/{article.reference}/terms/", {"owner": agent.pk, "review_on": "", "version": 1})
    assert terms.status_code == 302


@pytest.mark.parametrize("rows", [2, 12])
def test_lists_cost_the_same_however_long(api: Any, agent: User, rows: int) -> None:
    for number in range(rows):
        a_live_article(audience=["all"], body=f"![x](/files/{number:08d}-0000-0000-0000-000000000000/)")
    a_draft()
    client, page = api(agent), browser(agent)
    page.get("/knowledge/")
    for ask, path, most in (
        (client, "/api/v1/articles/", 10),
        (page, "/knowledge/", 16),
        (client, "/api/v1/articles/suggest/?q=question", 9),
    ):
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert ask.get(path).status_code == 200
        assert len(seen) <= most, [one["sql"][:120] for one in seen.captured_queries]
