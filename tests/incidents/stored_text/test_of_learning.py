"""What people write to learn from, articles in Markdown and postmortems in words: more than text nowhere that it goes.

The page of an article and its preview hold what `itsm.markdown` lets stand and nothing else; a mail is text; a
postmortem's page, its Markdown wherever that is opened, and its paper are what was typed.
"""

import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from shutil import which
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client
from django.utils import timezone
from markdown_it import MarkdownIt

from catalog.knowledge import operations as knowledge
from catalog.models import Article
from incidents.answers.operations import TEXT, use_article
from incidents.incident import operations as incidents
from incidents.models import Incident, Postmortem
from incidents.postmortem import operations
from incidents.postmortem.queries import as_markdown, compared, facts_of, on_paper, text_of
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.kernel.actors import Actor, Door
from itsm.markdown import escaped, to_html, unescaped
from itsm.notifications import outbox
from tests.incidents.stored_text.desk import Desk, founded
from tests.incidents.stored_text.pages import Page, difference, words_of
from tests.incidents.stored_text.payloads import PAYLOADS
from tests.incidents.stored_text.watch import Watch
from tests.itsm.mail.subset import held_to_the_subset
from tests.itsm.test_markdown import _SHAPES, _odd
from tests.slo.proving import IN_FULL, TURN

pytestmark = [pytest.mark.heavy, pytest.mark.django_db, pytest.mark.timeout(3600)]

WORD = "Written down"
# Every payload in full, by shares that two workers can take; else four of them, by turns.
TEXTS = PAYLOADS if IN_FULL else [PAYLOADS[(TURN * 4 + number) * 37 % len(PAYLOADS)] for number in range(4)]
SHARES = [TEXTS[start : start + 60] for start in range(0, len(TEXTS), 60)]
PLACES = ("title", "impact", "factors", "went_well", "went_badly", "lucky")
in_shares = pytest.mark.parametrize("texts", SHARES, ids=lambda texts: f"{len(texts)} from {texts[0]!a}"[:40])
Doors = dict[str, Client]


@pytest.fixture
def desk(watch: Watch) -> Desk:
    desk = founded(watch)
    for name in ("second", "third"):
        User.objects.create(username=name, name=WORD, roles=["manager", "agent", "owner"], email=f"{name}@example.org")
    return desk


@pytest.fixture
def doors(desk: Desk) -> Doors:
    clients = {"agent": Client(), "caller": Client()}
    for name, client in clients.items():
        client.force_login(getattr(desk, name), backend="itsm.accounts.backends.PeopleOnly")
    return clients


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def acting(name: str) -> Actor:
    return actor_for(User.objects.get(username=name), Door.WEB)


def in_every_shape(text: str) -> str:
    return "\n\n".join(shape.replace("{0}", text) for shape in _SHAPES)


def an_article(said: Mapping[str, Any]) -> Article:
    """Live for everybody, called by these texts."""
    begun = knowledge.create_article(actor=acting("desk-agent"), at=timezone.now(), audience=["all"], **said)
    proposed = knowledge.propose(begun, actor=acting("desk-agent"))
    return knowledge.publish(proposed, actor=acting("second"), at=timezone.now())


def of_article(text: str) -> dict[str, str]:
    return {"title": f"printer {text}", "symptoms": text, "body": in_every_shape(text)}


PLAIN = {"title": f"printer {WORD}", "symptoms": WORD, "body": WORD}


def article_pages(doors: Doors, article: Article) -> dict[tuple[str, str], str]:
    """Every page that shows it, by who looks, its number aside."""
    here, told = article.get_absolute_url(), {"body": article.text.body, "article": article.reference}
    found = {}
    for who, address in (
        ("agent", here), ("agent", f"{here}edit/"), ("agent", f"{here}versions/1/"), ("agent", f"{here}terms/"),
        ("agent", "/knowledge/"), ("agent", "/knowledge/?q=printer"), ("caller", here), ("caller", "/knowledge/"),
        ("caller", "/knowledge/?q=printer"),
    ):  # fmt: skip
        answer = doors[who].get(address)
        assert answer.status_code == 200, address
        found[who, address] = answer.content.decode()
    for address, sent in (("/knowledge/preview/", told), ("/knowledge/suggested/", {"title": "printer"})):
        answer = doors["agent"].post(address, sent, headers={"HX-Request": "true"})
        assert answer.status_code == 200, address
        found["agent", address] = answer.content.decode()
    return found


def around(page: str, drawn: str) -> Page:
    """A page without the text of an article as it is drawn, which stands in it once at most."""
    assert page.count(drawn) <= 1
    return Page(page.replace(drawn, ""))


@in_shares
def test_an_article_is_drawn_safely_and_adds_nothing_to_its_pages(desk: Desk, doors: Doors, texts: list[str]) -> None:
    with undone():
        plain = an_article(PLAIN)
        assert to_html(WORD) in article_pages(doors, plain)["caller", plain.get_absolute_url()]
        twin = {where: around(page, to_html(WORD)) for where, page in article_pages(doors, plain).items()}
        numbered = plain.pk
    for text in texts:
        with undone():
            article = an_article(of_article(text))
            drawn = to_html(article.text.body)
            assert _odd(drawn) == [], text
            pages = article_pages(doors, article)
            assert pages["caller", article.get_absolute_url()].count(drawn) == 1
            for (who, address), page in pages.items():
                as_twin = address.replace(article.reference, f"KNO-{numbered:05d}")
                shown = around(page, drawn)
                assert not (said := difference(shown, twin[who, as_twin])), (who, address, text, said)
                assert shown.wrong == [], (who, address, text)
            assert words_of(text) in around(pages["caller", article.get_absolute_url()], drawn).text
            told = doors["caller"].get(f"/api/v1/articles/{article.reference}/")
            assert told["Content-Type"] == "application/json"
            assert told.json()["html"] == drawn


@in_shares
def test_an_article_in_a_mail_is_no_html_and_no_line_of_its_head(desk: Desk, texts: list[str]) -> None:
    for text in texts:
        with undone():
            article = an_article(of_article(text) | {"title": f"printer {text}\r\nBcc: all@example.org"})
            asked = incidents.open_incident(actor=acting("desk-agent"), title=WORD, caller=desk.caller, team=desk.team)
            use_article(asked, article, actor=acting("desk-agent"), how=TEXT, at=timezone.now())
            knowledge.retire(article, actor=acting("second"), because=text)
            mail.outbox.clear()
            while outbox.relay(desk.watch.tomorrow()):
                pass
            assert {one for sent in mail.outbox for one in sent.to} >= {"caller@example.org", "agent@example.org"}
            for sent in mail.outbox:
                held_to_the_subset(sent)


@pytest.mark.skipif(not IN_FULL, reason="a browser; the shapes are looked at without one in the sample")
def test_a_browser_makes_no_more_of_an_article_than_we_do(chromium_alone: Any) -> None:
    """Without our policy of content: what is drawn runs nothing and fetches nothing by itself."""
    page, asked = chromium_alone
    for text in PAYLOADS:
        for body in (in_every_shape(text), *(shape.replace("{0}", text) for shape in _SHAPES)):
            page.set_content(f'<!doctype html><base href="https://desk.test/"><body>{to_html(body)}')
            assert page.evaluate(_WRONG_IN_PAGE) == [], (text, body)
    assert asked == []


_WRONG_IN_PAGE = """() => [...document.body.querySelectorAll('*')].filter(one =>
  ['SCRIPT', 'STYLE', 'IFRAME', 'OBJECT', 'EMBED', 'FORM', 'INPUT', 'BUTTON', 'SVG', 'MATH', 'BASE', 'META', 'LINK', 'IMG',
   'DETAILS', 'TEMPLATE'].includes(one.tagName.toUpperCase())
  || [...one.attributes].some(each => /^(on|style|srcdoc|hx-|x-)/i.test(each.name))
  || (one.href && !['http:', 'https:', 'mailto:'].includes(one.protocol))
).map(one => one.outerHTML).concat(window.ran ? ['it ran'] : [])"""


@pytest.fixture
def chromium_alone() -> Iterator[Any]:
    """A page without any address, and what it asked the network for."""
    from playwright.sync_api import sync_playwright

    program = which("chromium") or which("chromium-browser")
    if program is None:
        pytest.skip("no chromium here")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page, asked = browser.new_page(), list[str]()
        page.add_init_script("window.alert = window.msgbox = () => { window.ran = true }")

        def refused(route: Any) -> None:
            asked.append(route.request.url)
            route.abort()

        page.route("**/*", refused)
        yield page, asked
        browser.close()


def a_postmortem(text: str, incident: Incident) -> Postmortem:
    """Published, with every text of it said so, one action done and one open; then a draft again."""
    writer = acting("desk-agent")
    draft = operations.open_postmortem(actor=writer, incident=incident, title=f"printer {text}")
    words: dict[str, Any] = dict.fromkeys(PLACES, text) | {"title": f"printer {text}", "factors": [text, WORD]}
    draft = operations.edit(draft, actor=writer, version=draft.version, **words)
    operations.add_event(draft, actor=writer, at=timezone.now(), text=text)
    for turn in ("prevent", "detect"):
        made = operations.add_action(
            draft, actor=writer, action_type=turn, text=text, owner=User.objects.get(username="desk-agent"),
            due_at=timezone.now() + timedelta(days=9),
        )  # fmt: skip
    operations.finish_action(draft, made, actor=writer, outcome=text)
    published = operations.publish(operations.submit(draft, actor=writer), actor=acting("second"))
    return operations.revise(published, actor=writer)


def postmortem_pages(agent: Client, postmortem: Postmortem) -> dict[str, Page]:
    here = postmortem.get_absolute_url()
    found = {}
    for address in (
        here, f"{here}write/", f"{here}versions/1/", f"{here}compare/?from=1", "/postmortems/?tab=all",
        "/postmortems/actions/", f"/postmortems/about/{postmortem.about.reference}/",
    ):  # fmt: skip
        answer = agent.get(address)
        assert answer.status_code == 200, address
        found[address.replace(postmortem.reference, "PM").replace(postmortem.about.reference, "INC")] = Page(
            answer.content.decode()
        )
    return found


def an_incident(desk: Desk) -> Incident:
    return incidents.open_incident(actor=acting("desk-agent"), title=WORD, service=desk.service, team=desk.team)


@in_shares
def test_a_postmortem_is_text_on_its_pages_in_markdown_and_on_paper(desk: Desk, doors: Doors, texts: list[str]) -> None:
    with undone():
        plain = a_postmortem(WORD, an_incident(desk))
        twin, of_plain = postmortem_pages(doors["agent"], plain), shape_of(as_markdown(facts_of(plain, None)))
    for text in texts:
        with undone():
            postmortem = a_postmortem(text, an_incident(desk))
            for where, page in postmortem_pages(doors["agent"], postmortem).items():
                assert not (said := difference(page, twin[where])), (where, text, said)
                assert page.wrong == [], (where, text)
                if where == "/postmortems/PM/":
                    assert page.text.count(words_of(text)) >= len(PLACES), text
            given = doors["agent"].get(f"{postmortem.get_absolute_url()}file.md")
            assert given["Content-Type"] == "text/markdown; charset=utf-8"
            assert given["Content-Disposition"].startswith("attachment;")
            assert given["X-Content-Type-Options"] == "nosniff"
            told = given.content.decode()
            assert shape_of(told) == of_plain, text
            assert read_in(told).count(words_of(text)) >= len(PLACES) + 3, text
            assert shape_of(text_of(postmortem.versions.get())) == of_plain, text
            if IN_FULL or text == texts[0]:
                judge_paper(doors["agent"].get(f"{postmortem.get_absolute_url()}file.pdf").content, text)


def _parsed(text: str) -> Any:
    """As a reader draws it that lets HTML, tables and struck words stand."""
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)


def shape_of(text: str) -> list[str]:
    """What a Markdown file is made of, its words aside; a text may have lines, and nothing else, of its own."""
    shape = []
    for token in _parsed(text):
        shape.append(f"{token.type} {token.tag}")
        shape += [one.type for one in token.children or () if one.type not in ("text", "text_special", "softbreak")]
    return [one for one in shape if one not in ("paragraph_open p", "paragraph_close p", "inline ")]


def read_in(text: str) -> str:
    """Its words as whoever opens it reads them."""
    pieces = []
    for token in _parsed(text):
        pieces += ["".join(one.content or "\n" for one in token.children or ()), "\n"]
    return words_of("".join(pieces))


def judge_paper(content: bytes, text: str) -> None:
    """No action, no address, no file in it; what its letters can say is said."""
    outside = re.sub(rb"stream\r?\n.*?endstream", b"", content, flags=re.DOTALL)
    for word in (b"/JS", b"/JavaScript", b"/URI", b"/Launch", b"/AA", b"/Annots", b"/EmbeddedFile", b"/SubmitForm"):
        assert word not in outside, (text, word)
    if which("pdftotext") and text.isascii() and text.isprintable():
        read = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True)
        said = "".join(read.stdout.decode().split())
        assert said.count("".join(text.split())) >= len(PLACES), text


def test_what_is_typed_reads_the_same_in_markdown_and_is_taken_back_whole() -> None:
    odd = (
        "    - deep",
        "1. one",
        "12) x",
        "---",
        "===",
        "~~~",
        "```",
        "a  ",
        "&lt;b&gt;",
        "\\*",
        "a\\",
        "|a|b|",
        "+ x",
        "!",
    )
    for text in (*(PAYLOADS if IN_FULL else TEXTS), *odd):
        line = " ".join(text.split())
        assert unescaped(escaped(line)) == line
        for form in ("> {0}", "- {0}", "# {0}", "{0}", "before\n{0}"):
            file = form.replace("{0}", escaped(line))
            assert shape_of(file) == shape_of(form.replace("{0}", "x")), (text, form)
            assert read_in(file).removeprefix("before ") == words_of(line), (text, form)


def test_a_difference_is_told_in_the_words_that_were_typed() -> None:
    assert compared(f"> {escaped('a * b')}", f"> {escaped('# <b>')}") == [("-", "> a * b"), ("+", "> # <b>")]


def test_paper_says_a_quotation_and_an_item_as_they_were_typed() -> None:
    if not which("pdftotext"):
        pytest.skip("no pdftotext here")
    typed = "- 1. \\* <b> ~~ & ="
    text = f"> {escaped(typed)}\n>\n- {escaped(typed)}"
    paper = on_paper(text, title="x", at=timezone.now())
    read = subprocess.run(["pdftotext", "-", "-"], input=paper, capture_output=True, check=True)
    assert read.stdout.decode().count(typed) == 2
    assert ">" not in read.stdout.decode().replace("<b>", "")
