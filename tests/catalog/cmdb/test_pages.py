"""Pages of configuration items: the list by key, an item with its reasons, relating, classes without a deployment."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from catalog.cmdb import operations
from catalog.models import CI, CIClass, Relation
from itsm.accounts.models import Team, User
from itsm.fields import operations as fields
from tests.factories.catalog import KEEPER, a_class, an_item, joined
from tests.factories.slo import a_service

pytestmark = pytest.mark.django_db
Web = Callable[[User], Client]


def text_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.content[:400]
    return str(answer.content.decode())


def test_the_list_is_asked_for_by_key_and_costs_the_same(
    web: Web, manager: User, django_assert_num_queries: Any
) -> None:
    client = web(manager)
    for number in range(55):
        an_item("printer" if number % 2 else "database", name=f"n-{number:02d}")
    first = client.get("/cis/")
    assert [one.name for one in first.context["page"]][:2] == ["n-54", "n-53"]
    second = client.get(f"/cis/?after={first.context['page'].after}")
    assert [one.name for one in second.context["page"]] == ["n-04", "n-03", "n-02", "n-01", "n-00"]
    found = client.get("/cis/?class=datastore&text=N-1&status=active")
    assert {one.name for one in found.context["page"]} == {"n-10", "n-12", "n-14", "n-16", "n-18"}


def test_a_file_has_the_fields_of_the_class_and_no_formula(web: Web, manager: User) -> None:
    fields.add_field(actor=KEEPER, owner="ci:printer", key="floor", type="whole", label="Floor")
    an_item("printer", name="=cmd()", attributes={"floor": 3}, environment="production")
    an_item("database")
    answer = web(manager).get("/cis/items.csv?class=printer")
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[0].startswith("reference,name,class,state,environment,team,last_seen_at,cf.")
    assert lines[0].endswith(",cf.floor")
    assert [line.partition(",")[2] for line in lines[1:]] == [
        "'=cmd(),printer,active,production,items," + "," * 13 + "3"
    ]


def test_an_item_says_why_its_values_are_what_they_are(web: Web, manager: User) -> None:
    fields.add_field(actor=KEEPER, owner="ci:server", key="memory", type="whole", label="Memory")
    machine, host = an_item(environment="production"), an_item("physical_server", name="esx-4")
    joined(machine, host, "runs_on")
    operations.edit_item(
        machine, actor=KEEPER, version=1, attributes={"memory": 16},
        origin=operations.Origin(source="ansible", why="Seen at night"),
    )  # fmt: skip
    page = text_of(web(manager).get(machine.get_absolute_url()))
    for words in ("Memory", "16", "from ansible", "Seen at night", "runs on", "esx-4", "edits without a change"):
        assert words in page, words
    felt = text_of(web(manager).get(f"{host.get_absolute_url()}if-it-fails/", headers={"HX-Request": "true"}))
    assert "1 down" in felt
    assert machine.name in felt


def test_who_feels_it_names_services_first_and_the_way_by_names(web: Web, manager: User) -> None:
    host, shop = an_item("physical_server", name="esx-4"), a_service(slug="shop", name="Shop")
    machine = an_item(name="vm-1")
    joined(machine, host, "runs_on")
    joined(shop, machine, "depends_on")
    felt = text_of(web(manager).get(f"{host.get_absolute_url()}if-it-fails/", headers={"HX-Request": "true"}))
    assert "1 service feels it" in felt
    assert felt.index("Shop") < felt.index("Virtual machine")
    assert "It rests on vm-1 → esx-4" in " ".join(strip_tags(felt).split())


def test_an_item_costs_the_same_however_much_it_has(
    web: Web, manager: User, django_assert_max_num_queries: Any
) -> None:
    machine = an_item(environment="production")
    for number in range(12):
        joined(machine, an_item("database", name=f"db-{number}"), "uses")
        operations.edit_item(machine, actor=KEEPER, version=number + 1, name=f"web-{number}")
    client = web(manager)
    client.get(machine.get_absolute_url())
    with django_assert_max_num_queries(18):
        text_of(client.get(machine.get_absolute_url()))


def test_one_is_added_edited_related_and_that_ended(web: Web, manager: User) -> None:
    client = web(manager)
    offered = text_of(client.get("/cis/new/"))
    assert "Virtual machine" in offered
    assert "External service" in offered
    assert "Technical service" not in offered
    fields.add_field(actor=KEEPER, owner="ci:server", key="memory", type="whole", label="Memory")
    sent = {"name": "web-01", "environment": "production", "attributes.memory": "8"}
    assert client.post("/cis/new/?class=virtual_machine", sent).status_code == 302
    item = CI.objects.get(name="web-01")
    assert item.attributes == {"memory": 8}
    edit = f"{item.get_absolute_url()}edit/"
    assert 'value="8"' in text_of(client.get(edit))
    assert client.post(edit, {**sent, "attributes.memory": "16", "version": "1"}).status_code == 302
    assert client.post(edit, {**sent, "attributes.memory": "32", "version": "1"}).status_code == 412
    assert client.post(edit, {**sent, "attributes.memory": "much", "version": "2"}).status_code == 422
    host = an_item("physical_server", name="esx-4")
    relate = f"{item.get_absolute_url()}relate/"
    assert "is relied on by" in text_of(client.get(relate))
    assert client.post(relate, {"type": "runs_on out", "other": "nothing"}).status_code == 422
    assert client.post(relate, {"type": "runs_on out", "other": "ESX-4"}).status_code == 302
    assert client.post(relate, {"type": "runs_on out", "other": host.reference}).status_code == 409
    relation = Relation.objects.get()
    end = f"{item.get_absolute_url()}relations/{relation.pk}/end/"
    assert "esx-4" in text_of(client.get(end))
    assert client.post(end, {"version": "1"}).status_code == 302
    assert client.get(end).status_code == 404
    identifiers = f"{item.get_absolute_url()}identifiers/"
    assert client.post(identifiers, {"identifiers": "fqdn web", "version": "2"}).status_code == 422
    assert client.post(identifiers, {"identifiers": "fqdn = web.example.org", "version": "2"}).status_code == 302
    assert "fqdn = web.example.org" in text_of(client.get(identifiers))


def test_a_step_asks_for_what_it_needs(web: Web, manager: User) -> None:
    item, client = an_item(), web(manager)
    assert "Take out" in text_of(client.get(item.get_absolute_url()))
    take_out = f"{item.get_absolute_url()}take_out/"
    assert client.post(take_out, {"reason": ""}).status_code == 422
    assert client.post(take_out, {"reason": "A new disk"}).status_code == 302
    assert "A new disk" in text_of(client.get(item.get_absolute_url()))


def test_an_edit_is_explained_on_the_page_by_another_person(web: Web, manager: User, owner: User) -> None:
    item = an_item(environment="production")
    row = item.history.get(key="name")
    path = f"{item.get_absolute_url()}history/{row.pk}/explain/"
    assert web(manager).post(path, {}).status_code == 400
    assert web(manager).post(path, {"explanation": "There before us"}).status_code == 302
    assert "There before us" in text_of(web(owner).get(item.get_absolute_url()))
    assert web(owner).post(path, {"explanation": "Again"}).status_code == 409


def test_the_history_of_an_item_is_told_in_words(web: Web, manager: User, admin: User, as_actor: Any) -> None:
    keeper = as_actor(admin)
    for key, kind in (("warranty_until", "date"), ("spare", "yes_no")):
        fields.add_field(actor=keeper, owner="ci:server", key=key, type=kind, label=f"{key[:5].title()} it")
    crew = Team.objects.create(slug="crew-7", name="The crew")
    item = an_item(attributes={"warranty_until": "2026-03-01", "spare": False})
    said = {"ci_class": a_class("physical_server"), "team": crew, "confidential": True}
    item = operations.edit_item(
        item, actor=KEEPER, version=1, attributes={"warranty_until": "2027-03-01", "spare": True}, **said
    )
    operations.take_out(item, actor=KEEPER, reason="A new disk", at=timezone.now())
    page = " ".join(strip_tags(text_of(web(manager).get(item.get_absolute_url()))).split())
    for words in (
        "State: in service → taken out", "Owner team: Items → The crew", "Confidential: no → yes", "Spare it: no → yes",
        "Warra it: 1 Mar 2026 → 1 Mar 2027", "Class: Virtual machine → Physical server",
    ):  # fmt: skip
        assert words in page, words


def test_a_part_of_a_page_leads_back_to_it(web: Web, manager: User) -> None:
    service = a_service(slug="shop", name="Shop")
    page = text_of(web(manager).get("/cis/of/shop/history/"))
    assert f'<a href="{service.get_absolute_url()}">' in page


def test_a_service_shows_as_an_item_and_is_edited_as_a_service(web: Web, manager: User) -> None:
    item = CI.objects.get(pk=a_service(slug="shop", name="Shop").pk)
    page = text_of(web(manager).get(item.get_absolute_url()))
    assert "/services/shop/" in page
    form = text_of(web(manager).get(f"{item.get_absolute_url()}edit/"))
    assert 'name="name"' not in form
    assert "/services/shop/edit/" in form


def test_an_administrator_makes_a_class_and_it_is_in_the_form_at_once(web: Web, admin: User, manager: User) -> None:
    boss = web(admin)
    sent = {"name": "Scanner", "slug": "scanner", "parent": str(a_class("printer").pk), "schemes": "serial+vendor fqdn"}
    assert boss.post("/cis/classes/new/", sent).status_code == 302
    assert boss.post("/cis/classes/new/", sent).status_code == 409
    made = CIClass.objects.get(slug="scanner")
    assert (made.parent, made.schemes) == (a_class("printer"), ["serial+vendor", "fqdn"])
    assert "Scanner" in text_of(boss.get("/cis/classes/"))
    new = boss.get("/fields/new/?owner=ci:scanner&type=whole")
    assert new.status_code == 200
    field = {"label": "Lamps", "key": "lamps", "type": "whole", "required": "never", "filterable": "on"}
    assert boss.post("/fields/new/?owner=ci:scanner&type=whole", field).status_code == 302
    assert "Lamps" in text_of(web(manager).get("/cis/new/?class=scanner"))
    page = made.get_absolute_url()
    assert "Lamps" in text_of(boss.get(page))
    assert boss.post(page, {"name": "Scanners", "version": "1"}).status_code == 302
    assert web(manager).post(page, {"name": "x", "version": "2"}).status_code == 403
    assert boss.post(f"{page}retire/").status_code == 302
    assert web(manager).get("/cis/new/?class=scanner").context.get("classes") is not None


@pytest.mark.parametrize("path", ["/cis/", "/cis/items.csv", "/cis/classes/", "/cis/new/"])
def test_a_requester_sees_no_items(path: str, web: Web, requester: User) -> None:
    assert web(requester).get(path).status_code == 403


def test_a_confidential_item_is_absent_for_others(web: Web, manager: User, owner: User) -> None:
    secret = an_item(confidential=True, name="vault")
    host = an_item("physical_server", name="esx-4")
    joined(secret, host, "runs_on")
    for path in ("", "edit/", "relate/", "if-it-fails/"):
        assert web(owner).get(f"{secret.get_absolute_url()}{path}").status_code == 404
    seen = [
        text_of(web(owner).get(path))
        for path in ("/cis/", host.get_absolute_url(), f"{host.get_absolute_url()}if-it-fails/")
    ]
    assert not [page for page in seen if "vault" in page or secret.reference in page]
    assert (
        web(owner).post(f"{host.get_absolute_url()}relate/", {"type": "uses out", "other": "vault"}).status_code == 422
    )
    assert "vault" in text_of(web(manager).get("/cis/"))
