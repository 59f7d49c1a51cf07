"""A change is edited on its page, and raised with what is known; what takes something away asks first."""

import re
from typing import Any

import pytest
from django.utils import timezone

from changes.change.operations import asking, editing
from changes.change.workflow import Status
from changes.models import Change
from incidents.incident.operations import open_incident
from incidents.incident.vocabulary import Priority
from itsm.accounts.models import User
from itsm.work.linking import linked_to
from tests.factories.catalog import an_item
from tests.factories.changes import a_measured_service, ask, change_of, question
from tests.factories.slo import a_service

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(person: Any) -> User:
    return person("engineer", username="ada")  # type: ignore[no-any-return]


@pytest.fixture
def waiting(ada: User, as_actor: Any) -> Change:
    """Asked by ada; a peer is asked about it."""
    words = {"backout": "", "plan": "Roll out.\nLook. "}
    return ask(a_service(slug="search"), as_actor(ada), timezone.now(), **words).change


def page(browser: Any, change: Change) -> str:
    return browser.get(change.get_absolute_url()).content.decode()  # type: ignore[no-any-return]


class TestEditedInPlace:
    def test_its_asker_finds_each_plan_and_fact_to_edit_and_others_do_not(
        self, ada: User, waiting: Change, approver: User, web: Any
    ) -> None:
        mine, theirs = page(web(ada), waiting), page(web(approver), waiting)
        for name in ("plan", "test_plan", "backout", "communication_plan", "purpose", "environment", "implementer"):
            box = rf'<(select|textarea)[^>]* name="{name}"'
            assert re.search(box, mine), name
            assert not re.search(box, theirs), name
        assert f"/changes/{waiting.reference}/rewrite/" in mine
        assert web(approver).get(f"/changes/{waiting.reference}/rewrite/").status_code == 403
        assert web(approver).post(f"/changes/{waiting.reference}/edit/", {"plan": "Mine"}).status_code == 403

    def test_what_takes_something_away_asks_first_and_says_what_is_lost(
        self, ada: User, waiting: Change, web: Any
    ) -> None:
        browser, path = web(ada), f"/changes/{waiting.reference}/edit/"
        sent = {"plan": "Rebuild the index.\r\nSwitch.", "version": waiting.version}
        asked = browser.post(path, sent, HTTP_HX_REQUEST="true")
        assert (asked.status_code, asked["HX-Retarget"]) == (409, "#asks-first")
        said = asked.content.decode()
        assert "What is asked of" in said
        assert "Rebuild the index." in said
        assert change_of(waiting.evaluations.get()).plan == waiting.plan
        mark = re.search(r'name="agreed" value="([0-9a-f]{16})"', said)
        assert mark
        assert browser.post(path, sent | {"agreed": mark[1]}).status_code == 302
        waiting.refresh_from_db()
        assert (waiting.status, waiting.plan) == (Status.DRAFT, "Rebuild the index.\nSwitch.")

    def test_what_takes_nothing_away_asks_nothing(self, ada: User, waiting: Change, web: Any) -> None:
        browser, path = web(ada), f"/changes/{waiting.reference}/edit/"
        assert browser.post(path, {"summary": "A better name", "version": waiting.version}).status_code == 302
        waiting.refresh_from_db()
        assert (waiting.status, waiting.summary) == (Status.ASSESSING, "A better name")
        stale = browser.post(path, {"summary": "Late", "version": waiting.version - 1}, HTTP_HX_REQUEST="true")
        assert (stale.status_code, stale["HX-Retarget"]) == (412, "#asks-first")
        empty = browser.post(path, {"summary": "", "version": waiting.version})
        assert (empty.status_code, "may not be empty" in empty.content.decode()) == (422, True)

    def test_the_form_of_all_of_it_changes_only_what_was_touched(self, ada: User, waiting: Change, web: Any) -> None:
        browser, path = web(ada), f"/changes/{waiting.reference}/rewrite/"
        form = browser.get(path).context["form"]
        sent = {bound.name: bound.value() or "" for bound in form} | {"plan": "Roll out.\r\nLook.", "summary": "Named"}
        assert browser.post(path, sent).status_code == 302
        waiting.refresh_from_db()
        assert (waiting.status, waiting.summary, waiting.plan) == (Status.ASSESSING, "Named", "Roll out.\nLook. ")
        sent |= {"version": waiting.version, "outage_minutes": "15", "outage_services": "search", "implementer": "ada"}
        asked = browser.post(path, sent)
        assert (asked.status_code, "another change of it" in asked.content.decode()) == (409, True)
        assert browser.post(path, sent | {"agreed": asked.context["form"]["agreed"].value()}).status_code == 302
        waiting.refresh_from_db()
        assert (waiting.outage_minutes, waiting.outage_services) == (15, [waiting.service_id])
        assert waiting.implementer == ada
        assert "15 minutes" in page(browser, waiting)
        bare = dict.fromkeys(sent, "") | {"summary": "Named", "purpose": "feature", "environment": "production"}
        wrong = browser.post(path, bare | {"version": waiting.version, "outage_services": "nowhere"})
        assert (wrong.status_code, "no service called nowhere" in wrong.content.decode()) == (422, True)


class TestAskedByHand:
    def test_a_normal_one_says_its_way_back_or_why_there_is_none(self, ada: User, web: Any) -> None:
        a_service(slug="search")
        browser = web(ada)
        words = {"service": "search", "summary": "Drop it", "change_class": "normal", "purpose": "feature",
                 "environment": "production"}  # fmt: skip
        refused = browser.post("/changes/new/", words)
        assert (refused.status_code, "no way back" in refused.content.decode()) == (422, True)
        assert browser.post("/changes/new/", words | {"no_backout_because": "Nobody can."}).status_code == 302
        change = Change.objects.get()
        assert (change.verdict, change.no_backout_because) == ("peer", "Nobody can.")
        assert "Nobody can." in page(browser, change)

    def test_from_an_incident_it_is_filled_in_and_linked_on_both(self, ada: User, web: Any, as_actor: Any) -> None:
        service = a_service(slug="search")
        incident = open_incident(
            actor=as_actor(ada), title="Search is slow", service=service, priority=Priority.CRITICAL
        )
        browser = web(ada)
        part = browser.get(f"/changes/near/{incident.reference}/").content.decode()
        assert f"/changes/new/?from={incident.reference}" in part
        form = browser.get(f"/changes/new/?from={incident.reference}").context["form"]
        assert {name: form[name].value() for name in ("service", "incident", "change_class")} == {
            "service": "search", "incident": incident.reference, "change_class": "emergency",
        }  # fmt: skip
        sent = {bound.name: bound.value() or "" for bound in form} | {"purpose": "feature", "change_class": "normal"}
        assert browser.post("/changes/new/", sent | {"backout": "Back.", "migration": ""}).status_code == 302
        change = Change.objects.get()
        assert [one.record for one in linked_to(incident, as_actor(ada))] == [change]
        assert incident.reference in page(browser, change)
        assert browser.get("/changes/new/?from=INC-999").status_code == 404

    def test_from_an_item_it_names_the_item_and_over_rest_as_well(
        self, ada: User, web: Any, api: Any, pipeline: User, as_actor: Any
    ) -> None:
        service, item = a_service(slug="search"), an_item(name="edge-4")
        assert f"/changes/on/{item.reference}/" in web(ada).get(item.get_absolute_url()).content.decode()
        assert f"/changes/new/?from={item.reference}" in web(ada).get(f"/changes/on/{item.reference}/").content.decode()
        form = web(ada).get(f"/changes/new/?from={item.reference}").context["form"]
        assert (form["items"].value(), form["raised_from"].value()) == (item.reference, item.reference)
        body = {
            "service": service.slug,
            "summary": "Patch it",
            "raised_from": [item.reference],
            "items": [item.reference],
        }
        assert api(pipeline).post("/api/v1/gate-evaluations/", body, format="json").status_code == 202
        (link,) = linked_to(Change.objects.get(), as_actor(ada))
        assert (link.relation, link.record.pk) == ("affects", item.pk)
        assert "Patch it" in web(ada).get(f"/changes/on/{item.reference}/").content.decode()
        wrong = body | {"summary": "Another", "raised_from": ["INC-999"]}
        assert api(pipeline).post("/api/v1/gate-evaluations/", wrong, format="json").status_code == 400
        assert Change.objects.count() == 1


class TestOverridden:
    def test_the_page_says_what_it_costs_and_what_follows_and_the_mark_is_everywhere(
        self, ada: User, manager: User, person: Any, web: Any, as_actor: Any, payments: Any
    ) -> None:
        now = timezone.now()
        service = a_measured_service("healthy", now, slug="search", team=payments)
        second = person("manager", username="mona")
        second.set_password("correct horse battery")
        second.save()
        change = asking.ask_gate(question(service), actor=as_actor(ada), at=now).change
        browser, path = web(manager), f"/changes/{change.reference}/override/"
        assert path in page(browser, change)
        assert path not in page(web(ada), change)
        assert web(ada).get(path).status_code == 403
        shown = browser.get(path).content.decode()
        assert "3 of 3 overrides are left" in shown
        assert ("mona" in shown, f'value="{manager.username}"' in shown) == (True, False)
        assert browser.post(path, {"reason": "It burns", "second_person": "mona"}).status_code == 422
        reason = "The checkout of the whole shop is down and nobody can pay."
        sent = browser.post(path, {"reason": reason, "second_person": "mona"})
        assert sent.status_code == 302
        confirmation = sent["Location"]
        seconding = web(second)
        version = re.search(r'name="version" value="(\d+)"', seconding.get(confirmation).content.decode())
        answer = seconding.post(
            f"{confirmation}confirm/", {"version": version[1] if version else "", "password": "correct horse battery"}
        )
        assert answer.status_code == 302
        change.refresh_from_db()
        assert (change.status, change.overridden) == (Status.SCHEDULED, True)
        for address in ("/changes/?tab=open", "/changes/of/search/", change.get_absolute_url()):
            assert "Override" in browser.get(address).content.decode(), address
        assert browser.get(path).status_code == 409
        sent = {"plan": "Another.", "version": change.version}
        assert "authorisation" in web(ada).post(f"/changes/{change.reference}/edit/", sent).content.decode()
        editing.edit(change, actor=as_actor(ada), version=change.version, at=timezone.now(), plan="Another.")
        change.refresh_from_db()
        assert (change.status, change.overridden) == (Status.DRAFT, False)
