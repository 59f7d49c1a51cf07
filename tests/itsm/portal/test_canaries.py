"""Nothing internal leaks: forty words are planted where only those who work here, or others, may read, and no answer of
the portal says one of them, or is a byte otherwise because they are there."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.improvement import operations as improvements
from catalog.models import CatalogItem, Request, Service
from catalog.requests import operations as requests
from incidents.incident import operations as incidents
from incidents.models import Incident
from incidents.problem import operations as problems
from itsm.accounts.models import Membership, Team, User
from itsm.announcements import operations as announcements
from itsm.kernel.actors import Actor
from itsm.macros import operations as macros
from itsm.work.models import Link
from itsm.work.operations import link
from tests.factories import catalog as estate
from tests.factories.files import received
from tests.factories.knowledge import a_draft, a_live_article
from tests.factories.requests import a_request, an_item, item_of, question

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


class Words:
    """Words that are in no dictionary and no other text, each given out once."""

    def __init__(self) -> None:
        self.given: list[str] = []

    def __call__(self) -> str:
        self.given.append(f"zq{len(self.given):02d}x")
        return self.given[-1]


class Company:
    """What a requester knows, and what is planted beside it."""

    def __init__(self, people: dict[str, User], as_actor: Callable[..., Actor]) -> None:
        self.people, self.as_actor, self.words = people, as_actor, Words()
        self.team = Team.objects.create(slug="support", name="Support", takes_work=True)
        Membership.objects.create(user=people["agent"], team=self.team)
        self.mail = Service.objects.create(slug="mail", name="Mailbox", team=self.team)
        a_live_article(title="Letters arrive twice", audience=["all"])
        self.item = an_item(
            "laptop", team=self.team,
            questions=[question("room"), question("vendor", "Vendor's number", audience="staff")],
        )  # fmt: skip
        self.mine = incidents.open_incident(actor=self.of("requester"), title="Silent printer", service=self.mail)
        self.mine = incidents.acknowledge(self.mine, actor=self.of("agent"))
        self.request: Request = a_request(self.of("requester"), self.item)
        now = timezone.now()
        announcements.publish(actor=self.of("manager"), title="New phones", starts_at=now - HOUR, ends_at=now + HOUR)

    def of(self, name: str) -> Actor:
        """With the teams that they are in now."""
        return self.as_actor(self.people[name])

    def plant(self) -> None:
        for plant in (
            self._articles, self._services, self._records, self._on_their_own, self._items, self._announcements,
            self._of_the_desk,
        ):  # fmt: skip
            plant(self.words)

    def _articles(self, word: Words) -> None:
        a_live_article(title=word(), symptoms=word(), body=word(), audience=["staff"])
        a_live_article(title=f"Letters {word()}", symptoms=word(), audience=[f"team:{self.team.pk}"])
        a_draft(title=f"Letters {word()}", body=word())

    def _services(self, word: Words) -> None:
        team = Team.objects.create(slug=word(), name=word(), takes_work=True, confidential=True)
        Membership.objects.create(user=self.people["agent"], team=team)
        hidden = Service.objects.create(
            slug=word(), name=word(), description=f"Letters {word()}", team=team, audience=["staff"]
        )  # fmt: skip
        agent = self.of("agent")
        grave = incidents.open_incident(actor=agent, title=word(), service=hidden, priority=1, major=True)
        incidents.acknowledge(grave, actor=agent)
        estate.an_item(name=word(), description=word())

    def _records(self, word: Words) -> None:
        other = incidents.open_incident(
            actor=self.of("approver"), title=word(), description=word(), service=self.mail
        )  # fmt: skip
        link(other, self.mine, actor=self.of("agent"), meaning=Link.Meaning.RELATES)
        a_request(self.of("approver"), self.item, answers={"room": word()})
        problem = problems.open_problem(actor=self.of("manager"), statement=word(), service=self.mail)
        problems.connect(problem, actor=self.of("agent"), to=self.mine.reference, relation="caused")
        improvements.propose_improvement(actor=self.of("agent"), title=word(), benefit=3, effort=3, why=word())

    def _on_their_own(self, word: Words) -> None:
        agent = self.of("agent")
        incidents.note(self.mine, actor=agent, text=word())
        incidents.say(
            self.mine, actor=agent, text="See there", private=True, received=[received(f"{word()}.txt", word().encode())]
        )  # fmt: skip
        incidents.add_task(self.mine, actor=agent, title=word())
        incidents.add_time(self.mine, actor=agent, minutes=30, note=word())
        requests.note(self.request, actor=agent, text=word())
        requests.add_task(item_of(self.request), actor=agent, title=word())

    def _items(self, word: Words) -> None:
        secret = an_item(word(), name=word(), team=self.team, summary=f"Letters {word()}", category=word())
        secret.entitlements.create(token="staff", allow=True)
        CatalogItem.objects.filter(pk=secret.pk).update(keywords=[word()], entitled=["staff"])
        CatalogItem.objects.create(
            slug=word(), name=f"Letters {word()}", team=self.team, status="draft", number=1, edited_at=timezone.now()
        )  # fmt: skip

    def _announcements(self, word: Words) -> None:
        now = timezone.now()
        for audience, starts in ((["staff"], now), ([f"team:{self.team.pk}"], now), (["all"], now + 30 * HOUR)):
            announcements.publish(
                actor=self.of("manager"), title=word(), body=word(), audience=audience, starts_at=starts,
                ends_at=starts + HOUR,
            )  # fmt: skip
        gone = announcements.publish(actor=self.of("manager"), title=word(), starts_at=now, ends_at=now + HOUR)
        announcements.withdraw(gone, actor=self.of("manager"), at=now)

    def _of_the_desk(self, word: Words) -> None:
        macros.create_macro(
            actor=self.of("admin"), record_kind="incident", name=word(), share="everyone",
            actions=[{"kind": "note", "value": word()}],
        )  # fmt: skip


@pytest.fixture
def company(person: Callable[..., User], as_actor: Callable[..., Actor], settings: Any, tmp_path: Path) -> Company:
    settings.FILES_DIR = str(tmp_path / "files")
    names = ("requester", "agent", "approver", "manager", "admin")
    return Company({name: person(name) for name in names}, as_actor)


PORTAL = [
    "/portal/", "/portal/mine/", "/portal/mine/?tab=over", "/portal/mine/?tab=followed", "/portal/status/", "/portal/ask/",
    "/portal/ask/laptop/", "/portal/announcements/ANN-00001/", "/knowledge/", "/services/", "/services/mail/",
    "/catalog/items/", "/catalog/items/laptop/", "/requests/", "/incidents/", "/offline/", "/portal.webmanifest",
    "/service-worker.js",
]  # fmt: skip
REST = [
    "portal/suggest/?q=letters", "portal/status/", "announcements/", "catalog-items/", "catalog-items/laptop/form/",
    "requests/", "articles/", "articles/suggest/?q=letters", "incidents/", "services/", "approvals/mine/",
]  # fmt: skip


def plain(answer: Any) -> str:
    """Without what differs between any two answers: tokens, ids of the request, instants."""
    text = (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode()
    text = re.sub(r'(form_token|csrfmiddlewaretoken)" value="[^"]*"|X-CSRFToken": "[^"]*"|nonce="[^"]*"', "", text)
    text = re.sub(r'"(request_id|instance)": ?"[^"]*"|[0-9a-f]{32}', "", text)
    return re.sub(r"<time[^>]*>[^<]*</time>", "", text)


def portal(browser: Client, rest: Any) -> Iterator[tuple[str, str]]:
    for path in PORTAL:
        yield path, plain(browser.get(path))
    for path in REST:
        yield path, plain(rest.get(f"/api/v1/{path}"))
    for words in ("letters", "letters twice", "new laptop"):
        yield f"suggested {words}", plain(browser.post("/portal/suggested/", {"q": words}))
        yield f"begun {words}", plain(browser.post("/portal/ask/", {"begin": "yes", "q": words}))


def test_what_is_planted_changes_no_byte_and_no_query(company: Company, web: Any, api: Any) -> None:
    browser, rest = web(company.people["requester"]), api(company.people["requester"])
    announced = announcements.Announcement.objects.get().reference
    PORTAL[PORTAL.index("/portal/announcements/ANN-00001/")] = f"/portal/announcements/{announced}/"
    before = dict(portal(browser, rest))  # also what is kept after a first look
    with CaptureQueriesContext(connection) as asked:
        before = dict(portal(browser, rest))
    company.plant()
    with CaptureQueriesContext(connection) as asked_again:
        after = dict(portal(browser, rest))
    assert len(company.words.given) >= 40
    assert [name for name, said in after.items() if said != before[name]] == []
    assert len(asked_again) == len(asked)


def test_no_answer_says_a_planted_word_whatever_is_looked_for(company: Company, web: Any, api: Any) -> None:
    company.plant()
    browser, rest = web(company.people["requester"]), api(company.people["requester"])
    Incident.objects.get(pk=company.mine.pk)
    said = dict(portal(browser, rest))
    for path in (
        company.mine.get_absolute_url(), company.request.get_absolute_url(), "/notifications/",
        f"{company.mine.get_absolute_url()}events/",
    ):  # fmt: skip
        said[path] = plain(browser.get(path))
    for path in (f"incidents/{company.mine.reference}/", f"requests/{company.request.reference}/"):
        said[path] = plain(rest.get(f"/api/v1/{path}"))
    assert [(name, word) for name, text in said.items() for word in company.words.given if word in text] == []
    nothing = _looked_for(browser, rest, "zq99x")
    for word in company.words.given:
        assert _looked_for(browser, rest, word) == [one.replace("zq99x", word) for one in nothing], word


def _looked_for(browser: Client, rest: Any, word: str) -> list[str]:
    """What is answered to a word: as one types, over REST, and by the search of the whole house."""
    return [
        plain(browser.post("/portal/suggested/", {"q": word})),
        plain(rest.get("/api/v1/portal/suggest/", {"q": word})),
        plain(browser.get("/search/", {"q": word}, headers={"HX-Request": "true"})),
        plain(browser.get(f"/portal/ask/{word}/")),
    ]
