"""The portal: one question, what waits for whom, how things stand, and from a sentence to a report."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.models import Service
from incidents.incident import operations as incidents
from incidents.models import Incident
from itsm.accounts.models import Team, User
from itsm.announcements import operations as announcements
from itsm.kernel.actors import Actor
from itsm.portal.queries import mine, status
from tests.factories.knowledge import a_live_article

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail(payments: Team) -> Service:
    return Service.objects.create(slug="mail", name="Mailbox", team=payments, description="Letters and calendars")


def trouble(service: Service, agent: Actor, **said: Any) -> Incident:
    """Somebody works on a grave one."""
    made = incidents.open_incident(actor=agent, title="Queue manager deadlocked", service=service, priority=1, **said)
    return incidents.acknowledge(made, actor=agent)


def test_a_requester_lands_in_the_portal_and_has_four_places_to_go(
    requester: User, agent: User, web: Callable[[User], Client]
) -> None:
    assert web(requester).get("/")["Location"] == "/portal/"
    page = web(requester).get("/portal/").content.decode()
    for name in ("Ask", "My requests", "Knowledge", "Status"):
        assert f">{name}<" in page
    for path in ("/incidents/", "/changes/", "/services/"):
        assert f'href="{path}"' not in page
    assert 'href="/portal/"' in web(agent).get("/").content.decode()
    assert page.count('aria-current="page"') == 1


def test_what_waits_for_them_stands_apart_in_plain_words(
    requester: User, agent: User, as_actor: Callable[..., Actor], web: Callable[[User], Client]
) -> None:
    desk, asker = as_actor(agent), as_actor(requester)
    made = [incidents.open_incident(actor=asker, title=f"Thing {number}") for number in range(4)]
    for one in (made[0], made[2]):
        incidents.acknowledge(one, actor=desk)
    incidents.reply(made[0], actor=desk, text="Which floor?")
    incidents.hold(made[0], actor=desk, hold_reason="caller", reason="Which floor?")
    incidents.resolve(made[1], actor=desk, resolution="New cable", resolution_code="solved")
    incidents.hold(made[2], actor=desk, hold_reason="vendor", reason="Ordered from Zyxwvut")
    said = {one.title: (one.words, one.next) for one in mine.waiting(asker, timezone.now())}
    assert said == {"Thing 0": ("Waits for you", "Answer the question"), "Thing 1": ("Solved", "Say whether it works")}
    assert {one.title: one.words for one in mine.underway(asker, timezone.now())} == {
        "Thing 2": "Paused",
        "Thing 3": "Received",
    }
    assert mine.waiting_count(asker) == 2
    assert mine.waiting(desk, timezone.now()) == []
    page = web(requester).get("/portal/").content.decode()
    assert "Zyxwvut" not in page
    incidents.close(Incident.objects.get(pk=made[1].pk), actor=asker)
    assert [one.title for one in mine.listed(asker, "over", timezone.now()).lines] == ["Thing 1"]


def test_it_works_and_still_broken_are_one_click_away(
    requester: User, agent: User, as_actor: Callable[..., Actor], web: Callable[[User], Client]
) -> None:
    made = incidents.open_incident(actor=as_actor(requester), title="Silent printer")
    assert "Does it work again?" not in web(requester).get(made.get_absolute_url()).content.decode()
    incidents.resolve(made, actor=as_actor(agent), resolution="Plugged in", resolution_code="solved")
    page = web(requester).get(made.get_absolute_url()).content.decode()
    assert "Does it work again?" in page
    assert f"/incidents/{made.reference}/reopen/" in page
    assert "Does it work again?" not in web(agent).get(made.get_absolute_url()).content.decode()
    web(requester).post(f"/incidents/{made.reference}/close/")
    made.refresh_from_db()
    assert made.status == "closed"


def test_the_question_becomes_a_form_that_is_filled_and_then_a_report(
    requester: User, auditor: User, mail: Service, web: Callable[[User], Client]
) -> None:
    asked = web(requester).post("/portal/ask/", {"begin": "yes", "q": "Mail arrives twice <b>"})
    assert asked.status_code == 200
    assert 'value="Mail arrives twice &lt;b&gt;"' in asked.content.decode()
    assert not Incident.objects.exists()
    refused = web(requester).post("/portal/ask/", {"title": "", "description": "Since noon"})
    assert refused.status_code == 422
    assert "Since noon" in refused.content.decode()
    sent = web(requester).post("/portal/ask/", {"title": "Mail arrives twice", "service": "mail", "urgency": "1"})
    made = Incident.objects.get()
    assert sent["Location"] == made.get_absolute_url()
    assert (made.caller_id, made.service_id, made.urgency, made.channel) == (requester.pk, mail.pk, 1, "portal")
    assert web(auditor).get("/portal/ask/").status_code == 403


def test_the_banner_says_states_and_announced_work_and_no_title(
    requester: User, agent: User, manager: User, mail: Service, as_actor: Any, web: Callable[[User], Client]
) -> None:
    asker, now = as_actor(requester), timezone.now()
    assert status.status(asker, now).sentence == "No trouble is known."
    incident = trouble(mail, as_actor(agent))
    found = status.status(asker, timezone.now())
    assert (found.sentence, found.tone) == ("Mailbox does not work.", "red")
    page = web(requester).get("/portal/status/").content.decode()
    assert "Queue manager deadlocked" not in page
    assert incident.reference not in page
    announcements.publish(
        actor=as_actor(manager), title="New disks", kind_of="maintenance", service=mail,
        starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1),
    )  # fmt: skip
    found = status.status(asker, timezone.now())
    assert [(one.slug, one.state, one.about) for one in found.troubles] == [("mail", "maintenance", "New disks")]
    assert status.status(asker, now + timedelta(hours=1)).troubles[0].state == "down"


def test_articles_and_outages_answer_while_one_types_on_the_page_and_over_rest(
    requester: User, agent: User, mail: Service, as_actor: Any, web: Callable[[User], Client], api: Any
) -> None:
    article = a_live_article(title="Letters arrive twice", audience=["all"])
    a_live_article(title="Letters of the board", audience=["staff"])
    trouble(mail, as_actor(agent))
    said = api(requester).get("/api/v1/portal/suggest/", {"q": "letters"}).json()
    assert [one["reference"] for one in said["articles"]] == [article.reference]
    assert [(one["slug"], one["state"]) for one in said["outages"]] == [("mail", "down")]
    assert said["items"] == []
    page = web(requester).post("/portal/suggested/", {"q": "letters"}).content.decode()
    assert "Letters arrive twice" in page
    assert "Mailbox" in page
    assert "board" not in page
    assert api(requester).get("/api/v1/portal/suggest/", {"q": "le"}).json()["outages"] == []
    assert api(requester).get("/api/v1/portal/suggest/", {"q": "xylophone"}).json()["outages"] == []


def test_a_hidden_service_is_in_no_answer(
    requester: User, agent: User, mail: Service, as_actor: Any, web: Callable[[User], Client], api: Any
) -> None:
    trouble(mail, as_actor(agent))
    Service.objects.filter(pk=mail.pk).update(audience=["staff"])
    for path in ("/portal/", "/portal/status/", "/portal/ask/"):
        assert "Mailbox" not in web(requester).get(path).content.decode()
    assert api(requester).get("/api/v1/portal/status/").json() == {"sentence": "No trouble is known.", "services": []}
    assert api(requester).get("/api/v1/portal/suggest/", {"q": "mailbox"}).json()["outages"] == []
