"""Answers on incidents: offered, sent only to who may read them, noted else; new ones made from incidents."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.knowledge import operations as knowledge
from catalog.knowledge.queries.origins import origin_of
from catalog.models import Article
from incidents.answers.operations import LINK, NOTE, TEXT, use_article
from incidents.answers.queries import answers_for
from incidents.incident import operations
from incidents.models import Incident
from itsm.accounts.models import User
from itsm.kernel.errors import InvalidInput
from itsm.work.linking import linked_to
from itsm.work.models import Note
from tests.api.world import browser
from tests.factories.knowledge import a_live_article, somebody
from tests.incidents.incident.test_queues import a_queue

pytestmark = pytest.mark.django_db


@pytest.fixture
def incident(agent: User, requester: User, as_actor: Any) -> Incident:
    return operations.open_incident(actor=as_actor(agent), title="Cannot print", caller=requester)


@pytest.fixture
def desk(agent: User, incident: Incident) -> Client:
    incident.team.memberships.create(user=agent)
    return browser(agent)


def test_what_is_known_is_offered_and_sent_by_one_click_and_the_use_is_counted_once(
    incident: Incident, desk: Client, agent: User, as_actor: Any
) -> None:
    article = a_live_article(title="Printer jam: cannot print", body="Open **tray 2**.", audience=["all"])
    page = desk.get(f"/incidents/{incident.reference}/answers/").content.decode()
    assert "Printer jam" in page
    assert 'value="link"' in page
    for how in ("text", "link"):
        sent = desk.post(f"/incidents/{incident.reference}/answers/use/", {"article": article.reference, "how": how})
        assert sent.status_code == 302
    said = list(Note.objects.filter(record_kind="incident", record_id=incident.pk).values_list("private", "text"))
    assert [private for private, _text in said] == [False, False]
    assert said[0][1].startswith("Open tray 2.")
    assert article.get_absolute_url() in said[1][1]
    article.refresh_from_db()
    assert article.uses == 1
    assert [one.record for one in linked_to(incident, as_actor(agent))] == [article]


def test_an_internal_article_never_reaches_the_caller_and_is_noted_instead(incident: Incident, desk: Client) -> None:
    article = a_live_article(title="Cannot print: internal", body="Secret steps.", audience=["staff"])
    assert 'value="link"' not in desk.get(f"/incidents/{incident.reference}/answers/").content.decode()
    for how in (LINK, TEXT):
        with pytest.raises(InvalidInput):
            use_article(incident, article, actor=somebody("agent"), how=how, at=timezone.now())
    use_article(incident, article, actor=somebody("agent"), how=NOTE, at=timezone.now())
    assert list(Note.objects.filter(record_id=incident.pk).values_list("private", flat=True)) == [True]
    caller = browser(User.objects.get(username="requester"))
    assert article.reference not in caller.get(f"/incidents/{incident.reference}/").content.decode()


def test_an_article_made_from_an_incident_keeps_its_origin_and_one_of_a_confidential_queue_is_for_that_queue(
    incident: Incident, agent: User, as_actor: Any
) -> None:
    made = knowledge.create_article(actor=as_actor(agent), at=timezone.now(), origin=incident.reference)
    assert (made.title, made.audience) == ("Cannot print", ["staff"])
    assert origin_of(made, as_actor(agent)) == incident
    assert origin_of(made, somebody("requester", "another")) is None
    hidden = a_queue("people", agent)
    type(hidden).objects.filter(pk=hidden.pk).update(confidential=True)
    other = operations.open_incident(actor=as_actor(agent), title="Salary", team=hidden)
    secret = knowledge.create_article(actor=as_actor(agent), at=timezone.now(), origin=other.reference)
    assert secret.audience == [f"team:{hidden.pk}"]
    assert not Article.objects.visible_to(somebody("engineer")).filter(pk=secret.pk).exists()


def test_what_a_requester_types_is_answered_by_what_is_for_them_alone(requester: User) -> None:
    a_live_article(title="Cannot print at all", body="x", audience=["all"])
    a_live_article(title="Cannot print, internal", body="x", audience=["staff"])
    page = browser(requester).post("/knowledge/suggested/", {"title": "cannot print"}).content.decode()
    assert "Cannot print at all" in page
    assert "internal" not in page
    assert "suggested" in browser(requester).get("/incidents/new/").content.decode()


def test_a_desk_that_works_elsewhere_is_offered_what_it_sees(incident: Incident) -> None:
    a_live_article(title="Print", body="x", audience=["all"])
    assert [one.for_caller for one in answers_for(incident, somebody("engineer"))] == [True]
