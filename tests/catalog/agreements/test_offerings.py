"""Offerings: who keeps them, who sees them, and that nobody sees one whose service is hidden."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.agreements import operations
from catalog.agreements.models import Agreement, Offering
from catalog.services import operations as services
from catalog.services.models import Service
from incidents.incident import operations as incidents
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Team, User
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from itsm.search.finding import find
from tests.factories.catalog import an_item, joined

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests", Door.COMMAND)
API = "/api/v1/offerings/"


@pytest.fixture
def printing() -> Service:
    return services.create_service(actor=SYSTEM, slug="printing", name="Printing", tier=3)


@pytest.fixture
def offer(printing: Service) -> Callable[..., Offering]:
    def make(name: str, **said: Any) -> Offering:
        return operations.create_offering(actor=SYSTEM, **{"service": printing, "name": name, **said})

    return make


def test_over_rest_an_offering_is_made_read_edited_and_retired(
    printing: Service, manager: User, requester: User, api: Any
) -> None:
    client = api(manager)
    made = client.post(API, {"service": "printing", "name": "Colour", "description": "A3 too."}, format="json")
    assert made.status_code == 201, made.content
    where, shown = f"{API}{made.json()['id']}/", made.json()
    assert (shown["audience"], shown["agreement"], shown["service"]) == (["all"], None, "printing")
    assert client.patch(where, {"name": "In colour"}, format="json", HTTP_IF_MATCH='"1"').json()["version"] == 2
    assert client.patch(where, {"name": "Late"}, format="json", HTTP_IF_MATCH='"1"').status_code == 412
    assert client.patch(where, {"name": "Blind"}, format="json").status_code == 428
    seen = api(requester).get(where)
    assert seen.json() == {
        "id": shown["id"], "service": "printing", "name": "In colour", "description": "A3 too.",
    }  # fmt: skip
    assert "ETag" not in seen
    assert api(requester).get("/api/v1/services/printing/").json()["offerings"] == [
        {"id": shown["id"], "name": "In colour", "description": "A3 too."}
    ]
    assert client.post(f"{where}retire/", {}, format="json", HTTP_IF_MATCH='"2"').status_code == 200
    assert api(requester).get(where).status_code == 404
    assert api(requester).get("/api/v1/services/printing/").json()["offerings"] == []
    assert client.post(f"{where}revive/", {}, format="json", HTTP_IF_MATCH='"3"').json()["retired_at"] is None


def test_hostile_bodies_are_refused(printing: Service, manager: User, offer: Any, api: Any) -> None:
    client, colour = api(manager), offer("Colour")
    for body in ({}, [], {"name": "x"}, {"service": "nowhere", "name": "x"}, {"service": 7, "name": "x"},
                 {"service": "printing", "name": ""}, {"service": "printing", "name": "\u200b"},
                 {"service": "printing", "name": "x" * 121}, {"service": "printing", "name": "x", "agreement": True},
                 {"service": "printing", "name": "x", "agreement": 10**30}, {"service": "printing", "name": "x", "y": 1},
                 {"service": "printing", "name": "x", "audience": ["team:no"]}, {"service": "printing", "name": "a\0"}):  # fmt: skip
        assert client.post(API, body, format="json").status_code == 400, body
    assert client.post(API, {"service": "printing", "name": "Colour"}, format="json").status_code == 409
    where = f"{API}{colour.pk}/"
    assert client.patch(where, {"service": "printing"}, format="json", HTTP_IF_MATCH='"1"').status_code == 400
    assert client.get(f"{API}?team=x").status_code == 400
    assert client.get(f"{API}{10**17}/").status_code == 404
    assert [one["name"] for one in client.get(f"{API}?service=printing").json()["results"]] == ["Colour"]
    assert client.get(f"{API}?service=nowhere").json()["results"] == []


def test_an_offering_is_never_wider_than_its_service(printing: Service, offer: Any, payments: Team) -> None:
    token = f"team:{payments.pk}"
    wide, narrow = offer("Wide"), offer("Narrow", audience=[token])
    printing = services.edit_service(printing, actor=SYSTEM, version=1, audience=[token])
    wide.refresh_from_db()
    assert wide.audience == [token]
    for odd in (["all"], ["staff", "all"]):
        with pytest.raises(InvalidInput):
            operations.edit_offering(wide, actor=SYSTEM, version=wide.version, audience=odd)
        with pytest.raises(InvalidInput):
            offer("Third", audience=odd)
    assert operations.edit_offering(wide, actor=SYSTEM, version=wide.version, audience=["staff"]).audience == ["staff"]
    services.edit_service(printing, actor=SYSTEM, version=printing.version, audience=["staff"])
    narrow.refresh_from_db()
    assert narrow.audience == ["staff"]


def test_who_is_no_part_of_an_audience_finds_nothing_anywhere(
    printing: Service, offer: Any, payments: Team, requester: User, agent: User, api: Any, web: Any
) -> None:
    offer("Open plotter")
    hidden = offer("Zyxwvut plotter", audience=[f"team:{payments.pk}"])
    client, browser = api(requester), web(requester)
    assert [one["name"] for one in client.get(API).json()["results"]] == ["Open plotter"]
    absent = client.get(f"{API}999999/").json()["detail"]
    answer = client.get(f"{API}{hidden.pk}/")
    assert (answer.status_code, answer.json()["detail"]) == (404, absent)
    for path in ("/offerings/", "/services/printing/"):
        page = browser.get(path).content.decode()
        assert "Open plotter" in page, path
        assert "yxwvut" not in page, path
    assert browser.get(hidden.get_absolute_url()).status_code == browser.get("/offerings/999999/").status_code == 404
    assert [one.title for one in find(actor_for(requester, Door.WEB), "plotter").documents] == ["Open plotter"]
    assert len(find(actor_for(agent, Door.WEB), "plotter").documents) == 2


def test_the_editors_of_a_service_offer_and_only_administrators_name_what_is_promised(
    printing: Service, offer: Any, payments: Team, engineer: User, manager: User, admin: User
) -> None:
    gold = operations.create_agreement(actor=SYSTEM, at=timezone.now(), name="Gold", targets={"fulfil": 480})
    colour = offer("Colour")
    Service.objects.filter(pk=printing.pk).update(team=payments)
    strange, boss = actor_for(engineer, Door.WEB), actor_for(manager, Door.WEB)
    with pytest.raises(NotPermitted):
        operations.create_offering(actor=strange, service=printing, name="Mine")
    with pytest.raises(NotPermitted):
        operations.edit_offering(colour, actor=strange, version=1, name="Mine")
    with pytest.raises(NotPermitted):
        operations.retire_offering(colour, actor=strange, version=1, at=timezone.now())
    with pytest.raises(NotPermitted):
        operations.revive_offering(colour, actor=strange, version=1)
    with pytest.raises(NotPermitted):
        operations.edit_offering(colour, actor=boss, version=1, agreement=gold)
    with pytest.raises(NotPermitted):
        operations.create_offering(actor=boss, service=printing, name="Kinder", agreement=gold)
    named = operations.edit_offering(colour, actor=actor_for(admin, Door.WEB), version=1, agreement=gold)
    assert operations.edit_offering(named, actor=boss, version=2, description="A3", agreement=gold).agreement == gold
    with pytest.raises(Conflict):
        operations.edit_offering(offer("Other"), actor=boss, version=1, name="Colour")


def test_an_agreement_that_cannot_be_meant_is_not_named(printing: Service, offer: Any) -> None:
    other = services.create_service(actor=SYSTEM, slug="mail", name="Mail", tier=3)
    elsewhere = operations.create_offering(actor=SYSTEM, service=other, name="Box")
    now = timezone.now()

    def agreement(name: str, **said: Any) -> Agreement:
        return operations.create_agreement(actor=SYSTEM, at=now, name=name, targets={"fulfil": 60}, **said)

    gone = operations.retire_agreement(agreement("gone"), actor=SYSTEM, version=1, at=now)
    for odd in (gone, agreement("ola", agreement_type="ola"), agreement("mail", service=other),
                agreement("box", offering=elsewhere)):  # fmt: skip
        with pytest.raises(InvalidInput):
            offer("Colour", agreement=odd)
    assert offer("Colour", agreement=agreement("all")).agreement is not None


def test_the_pages_make_edit_and_retire(
    printing: Service, admin: User, agent: User, payments: Team, requester: User, web: Any
) -> None:
    gold = operations.create_agreement(actor=SYSTEM, at=timezone.now(), name="Gold", targets={"fulfil": 480})
    client = web(admin)
    assert client.post("/offerings/new/printing/", {"name": ""}).status_code == 422
    said = {"name": "Colour", "description": "A3 too.", "audience": ["all"], "agreement": str(gold.pk)}
    assert client.post("/offerings/new/printing/", said).status_code == 302
    where = Offering.objects.get().get_absolute_url()
    assert client.post(where, {**said, "name": "In colour", "version": "1"}).status_code == 302
    assert client.post(where, {**said, "name": "Late", "version": "1"}).status_code == 412
    part = web(agent).get("/agreements/of/printing/").content.decode()
    assert "In colour" in part
    assert "Gold" in part
    read = web(requester).get(where).content.decode()
    assert "A3 too." in read
    assert "Gold" not in read
    assert web(requester).get("/agreements/of/printing/").status_code == 403
    assert web(requester).post(where, {**said, "version": "2"}).status_code == 403
    assert web(requester).post(f"{where}retire/", {"version": "2"}).status_code == 403
    assert client.post(f"{where}retire/", {"version": "2"}).status_code == 302
    assert web(requester).get(where).status_code == 404
    assert client.post(f"{where}revive/", {"version": "3"}).status_code == 302
    assert web(requester).get(where).status_code == 200


def test_what_a_service_promises_and_offers_costs_the_same_however_much(
    printing: Service, offer: Any, agent: User, web: Any, api: Any
) -> None:
    def asked(client: Any, path: str) -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    def agree(name: str) -> None:
        operations.create_agreement(
            actor=SYSTEM, at=timezone.now(), name=name, targets={"resolve": 60}, service=printing
        )

    paths = ("/agreements/of/printing/", "/offerings/", "/agreements/")
    offer("first")
    agree("first")
    browser, client = web(agent), api(agent)
    before = [*(asked(browser, path) for path in paths), asked(client, "/api/v1/agreements/"), asked(client, API)]
    for number in range(8):
        offer(f"o{number}")
        agree(f"a{number}")
    assert [
        *(asked(browser, path) for path in paths),
        asked(client, "/api/v1/agreements/"),
        asked(client, API),
    ] == before


def test_the_page_of_an_item_says_what_the_services_promise_that_feel_it(
    printing: Service, offer: Callable[..., Offering], web: Any, agent: User, requester: User
) -> None:
    gold = operations.create_agreement(
        actor=SYSTEM, at=timezone.now(), name="Gold", service=printing, targets={"resolve": 480}
    )
    offer("Colour")
    host, elsewhere = an_item("physical_server"), an_item("physical_server")
    joined(printing, host, "runs_on")
    part = web(agent).get(f"/agreements/of-item/{host.reference}/").content.decode()
    assert all(words in part for words in ("Printing", gold.name, gold.get_absolute_url(), "Colour"))
    part = web(agent).get(f"/agreements/of-item/{elsewhere.reference}/").content.decode()
    assert "Gold" not in part
    assert "nothing is promised of it" in part
    beside = an_item("physical_server")
    for one in (an_item("physical_server"), beside):
        joined(printing, one, "runs_on", group="spares")
    part = web(agent).get(f"/agreements/of-item/{beside.reference}/").content.decode()
    assert "Gold" in part, "also where it would only be degraded"
    page = web(agent).get(f"/cis/{host.reference}/").content.decode()
    assert f"/agreements/of-item/{host.reference}/" in page
    assert web(requester).get(f"/agreements/of-item/{host.reference}/").status_code == 403


def test_a_record_of_a_service_says_what_that_promises_and_offers_to_who_works_here(
    printing: Service, offer: Callable[..., Offering], web: Any, agent: User, requester: User, as_actor: Any
) -> None:
    offer("Colour")
    made = incidents.open_incident(actor=as_actor(agent), title="No paper", service=printing, caller=requester)
    where = "/agreements/of/printing/in-short/"
    assert where in web(agent).get(made.get_absolute_url()).content.decode()
    assert where not in web(requester).get(made.get_absolute_url()).content.decode()
    part = web(agent).get(where).content.decode()
    assert all(words in part for words in ("Colour", "/services/printing/"))
