"""Asking for an item of the catalog in the portal: for whom it is offered, for oneself or for somebody, nothing lost."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.models import Entitlement, Request, RequestItem
from catalog.requests import operations as requests
from catalog.requests.vocabulary import REOPENS_WITHIN
from itsm.accounts.models import User
from itsm.kernel.actors import Actor
from itsm.portal.models import Trace
from itsm.portal.queries import mine
from itsm.portal.queries.suggesting import suggest
from itsm.satisfaction.models import Survey
from tests.factories.requests import a_request, an_item, item_of, question
from tests.together import each_of

pytestmark = pytest.mark.django_db
ROOM = question("room", "Which room?", required=True)


def test_an_item_is_suggested_by_any_of_its_words_and_asked_for_in_one_form(
    requester: User, as_actor: Callable[..., Actor], web: Callable[[User], Client], api: Any
) -> None:
    an_item("laptop", questions=[ROOM], keywords=[], summary="A computer to carry", expected_hours=16)
    asker, now = as_actor(requester), timezone.now()
    assert [one.slug for one in suggest(asker, "I need a new laptop please", now).items] == ["laptop"]
    assert suggest(asker, "top", now).items == []
    said = api(requester).get("/api/v1/portal/suggest/", {"q": "laptop"}).json()["items"]
    assert [(one["slug"], one["summary"]) for one in said] == [("laptop", "A computer to carry")]
    assert said[0]["url"].endswith("/portal/ask/laptop/")
    page = web(requester).get("/portal/ask/laptop/").content.decode()
    assert "Which room?" in page
    web(requester).post("/portal/traces/", {"kind": "begun", "about_kind": "item", "about": "laptop"})
    refused = web(requester).post("/portal/ask/laptop/", {"quantity": "3", "q-room": ""})
    assert refused.status_code == 422
    assert 'value="3"' in refused.content.decode()
    assert not Request.objects.exists()


def test_what_is_sent_becomes_a_request_and_is_followed_in_plain_words(
    requester: User, person: Any, as_actor: Callable[..., Actor], web: Callable[[User], Client]
) -> None:
    laptop = an_item("laptop", tasks=[])
    agent = person("agent", laptop.team, username="fulfiller")
    web(requester).post("/portal/traces/", {"kind": "begun", "about_kind": "item", "about": "laptop"})
    sent = web(requester).post("/portal/ask/laptop/", {"quantity": "2"})
    made = Request.objects.get()
    assert sent["Location"] == made.get_absolute_url()
    assert RequestItem.objects.get().quantity == 2
    assert Trace.objects.get().asked_at is not None
    asker, now = as_actor(requester), timezone.now()
    assert [one.reference for one in mine.underway(asker, now)] == [made.reference]
    requests.wait(item_of(made), actor=as_actor(agent), question="Which keyboard?")
    assert [(one.words, one.next) for one in mine.waiting(asker, now)] == [("Waits for you", "Answer the question")]
    assert mine.underway(asker, now) == []


def test_whom_it_was_for_is_asked_how_it_was_handled(
    requester: User, person: Any, as_actor: Callable[..., Actor], web: Callable[[User], Client]
) -> None:
    laptop = an_item("laptop")
    agent = person("agent", laptop.team, username="fulfiller")
    made = a_request(as_actor(requester), laptop)
    assert not Survey.objects.exists()
    requests.fulfil(item_of(made), actor=as_actor(agent))
    assert (Survey.objects.get().record_kind, Survey.objects.get().record_id) == ("request", made.pk)
    assert "How was this handled?" in web(requester).get(made.get_absolute_url()).content.decode()
    assert "How was this handled?" not in web(agent).get(made.get_absolute_url()).content.decode()
    (line,) = mine.waiting(as_actor(requester), timezone.now())
    assert (line.words, line.next) == ("Done", "Say whether it works")


def test_what_is_done_is_over_once_they_say_that_it_works(
    requester: User, person: Any, as_actor: Callable[..., Actor]
) -> None:
    laptop, asker = an_item("laptop"), as_actor(requester)
    made = a_request(asker, laptop)
    requests.fulfil(item_of(made), actor=as_actor(person("agent", laptop.team, username="fulfiller")))

    def listed(at: Any) -> tuple[list[str], list[str]]:
        tabs = [mine.listed(asker, tab, at).lines for tab in ("open", "over")]
        return [one.next for one in tabs[0]], [one.next for one in tabs[1]]

    now = timezone.now()
    assert mine.waiting_count(asker) == 1
    assert listed(now) == (["Say whether it works"], [])
    assert listed(now + REOPENS_WITHIN + timedelta(hours=1)) == ([], [""])
    requests.confirm(Request.objects.get(), actor=asker)
    assert listed(now) == ([], [""])


@pytest.mark.parametrize("path", ["/portal/ask/vault/", "/portal/ask/nothing/"])
def test_what_is_not_offered_is_not_there(path: str, requester: User, web: Any, admin: User) -> None:
    item = an_item("vault", name="Key to the vault")
    item.entitlements.create(token="staff", allow=True)
    answers = [web(requester).get(path), web(requester).post(path, {"quantity": "1"})]
    assert [one.status_code for one in answers] == [404, 404]
    assert "Key to the vault" not in "".join(one.content.decode() for one in answers)
    assert "Key to the vault" not in web(requester).get("/portal/").content.decode()


def test_for_others_by_who_may(requester: User, agent: User, person: Any, web: Callable[[User], Client]) -> None:
    boss = person("requester", username="boss")
    User.objects.filter(pk=requester.pk).update(manager=boss)
    an_item("laptop")
    assert web(requester).get("/portal/ask/laptop/?for=boss").status_code == 404
    assert web(requester).get("/portal/ask/laptop/?for=nobody").status_code == 404
    assert "You ask for requester" in web(boss).get("/portal/ask/laptop/?for=requester").content.decode()
    web(boss).post("/portal/ask/laptop/?for=requester", {"quantity": "1"})
    made = Request.objects.get()
    assert (made.by_id, made.requested_for_id) == (boss.pk, requester.pk)


@each_of("odd", ["0", "101", "-1", "1e3", "٣", "", "99999999999"])
def test_an_odd_number_is_refused_in_words(odd: str, requester: User, web: Callable[[User], Client]) -> None:
    an_item("laptop")
    refused = web(requester).post("/portal/ask/laptop/", {"quantity": odd})
    assert refused.status_code == 422
    assert "Between 1 and 100" in refused.content.decode()


def test_whom_it_is_for_is_found_by_name_among_those_whom_one_may_ask_for(
    requester: User, person: Any, web: Callable[[User], Client]
) -> None:
    an_item("laptop")
    boss, agent = person("requester", username="boss"), person("agent", username="fulfiller")
    User.objects.filter(pk=requester.pk).update(manager=boss, name="Ada Byron")
    User.objects.create(username="eve", name="Eve Byron", roles=["requester"])
    found = {
        name: web(one).get("/portal/ask/laptop/whom/", {"name": text}).content.decode()
        for name, one, text in (
            ("boss", boss, ""), ("agent", agent, "byron ada"), ("both", agent, "byron"), ("nobody", agent, "b"),
            ("requester", requester, "byron"),
        )
    }  # fmt: skip
    assert ["Ada Byron" in found[name] for name in found] == [True, True, True, False, False]
    assert ["Eve Byron" in found[name] for name in found] == [False, False, True, False, False]
    page = web(agent).get("/portal/ask/laptop/", {"name": "ada"}).content.decode()
    assert "/portal/ask/laptop/?for=requester" in page
    assert "Ask for somebody else" not in web(requester).get("/portal/ask/laptop/").content.decode()
    assert web(boss).get("/portal/ask/nothing/whom/").status_code == 404


def test_a_mistyped_word_finds_what_is_offered_and_nothing_else(
    requester: User, as_actor: Callable[..., Actor]
) -> None:
    laptop = an_item("laptop")
    type(laptop).objects.filter(pk=laptop.pk).update(keywords=["notebook"])
    hidden = an_item("severance")
    Entitlement.objects.create(item=hidden, token="staff", allow=True)
    asker, now = as_actor(requester), timezone.now()
    for typed in ("latpop", "lapptop", "notebok"):
        found = suggest(asker, typed, now)
        assert [one.slug for one in found.items] == ["laptop"]
        assert found.instead[typed] == ["notebook" if typed == "notebok" else "laptop"]
    for typed in ("severence", "lamp", "lap"):
        found = suggest(asker, typed, now)
        assert [one.slug for one in found.items] == (["laptop"] if typed == "lap" else [])
        assert "severance" not in str(found.instead)
