"""Catalog items over REST and on pages: a life, a build in steps, odd documents, and lists that cost the same."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import CatalogItem
from itsm.accounts.models import User
from tests.api.world import browser
from tests.factories.items import BY_MANAGER, FIREWALL, ONE_TASK, a_live_item, a_team, an_item, edited
from tests.together import each_of

pytestmark = pytest.mark.django_db


def test_the_whole_life_over_rest(api: Any, owner: User, manager: User, requester: User) -> None:
    a_team()
    writer, second = api(owner), api(manager)
    sent = {
        "name": "Firewall port",
        "team": "service-desk",
        "form": FIREWALL,
        "fulfilment": ONE_TASK,
        "currency": "EUR",
    }
    made = writer.post("/api/v1/catalog-items/", sent, format="json")
    assert made.status_code == 201, made.content
    here, tag = "/api/v1/catalog-items/firewall-port/", made["ETag"]
    assert api(requester).get(here).status_code == 404
    assert writer.patch(here, {"summary": "x"}, format="json").status_code == 428
    assert writer.post(f"{here}publish/", {}, format="json").status_code == 403  # nobody is asked
    assert writer.post(f"{here}propose/", {}, format="json").json()["status"] == "proposed"
    assert second.post(f"{here}return/", {"because": "Ask the manager"}, format="json").json()["status"] == "draft"
    tag = writer.get(here)["ETag"]
    edited = writer.patch(here, {"approval": BY_MANAGER}, format="json", HTTP_IF_MATCH=tag).json()
    assert edited["needs_second"] is False
    assert writer.post(f"{here}publish/", {}, format="json").json()["live"] == 1
    read = api(requester).get(here)
    assert read.json()["name"] == "Firewall port"
    assert not {"owner", "team", "entitlements", "status"} & set(read.json())
    assert "ETag" not in read
    asked = api(requester).get(f"{here}form/").json()
    assert [one["key"] for section in asked["sections"] for one in section["questions"]] == [
        "environment", "reason", "port", "last_day",
    ]  # fmt: skip
    assert b"endor" not in api(requester).get(f"{here}form/").content  # what is asked of staff is not told
    assert asked["begins"] == {"environment": "test"}
    assert api(requester).post(f"{here}preview/", {"answers": {}}, format="json").status_code == 403


def test_preview_judges_as_who_does_not_work_here(api: Any, owner: User) -> None:
    item = a_live_item()
    answers = {"environment": "production", "port": 70_000, "ticket_of_vendor": "V-1", "last_day": "2030-01-01"}
    path = f"/api/v1/catalog-items/{item.slug}/preview/"
    told = api(owner).post(path, {"answers": answers}, format="json").json()
    assert told["shown"] == ["environment", "reason", "port"]
    assert told["dropped"] == ["last_day"]
    assert set(told["refused"]) == {"reason", "port", "ticket_of_vendor"}
    assert told["price_minor"] == 12_900 + 5_000
    as_staff = api(owner).post(path, {"answers": answers, "as_requester": False}, format="json").json()
    assert "ticket_of_vendor" not in as_staff["refused"]


@each_of(
    ("said", "pointer"),
    [
        ({"form": 7}, "/form"),
        ({"form": {"sections": [{"key": "a", "title": "A", "questions": [{"key": "x"}]}]}}, "/form/sections/0/questions/0/type"),
        ({"form": {"sections": [{"key": "a", "title": "A", "questions": [{"key": "x", "label": "X", "type": "text", "rules": []}]}]}}, "/form/sections/0/questions/0/rules"),
        ({"approval": {"steps": [{"parts": []}]}}, "/approval/steps/0/parts"),
        ({"approval": {"steps": [{"parts": [{"who": "team", "value": "no-team"}]}]}}, "/approval/steps/0/parts/0/value"),
        ({"fulfilment": {"tasks": [{"key": "a", "title": "A", "after": ["a"]}]}}, "/fulfilment/tasks/0/after"),
        ({"fulfilment": {"tasks": [{"key": "a", "title": "A", "kind": "change", "change_model": "none"}]}}, "/fulfilment/tasks/0/change_model"),
        ({"price_minor": 5, "currency": ""}, "/currency"),
        ({"currency": "E1"}, "/currency"),
        ({"entitlements": [{"token": "team:nobody"}]}, "/entitlements/0/token"),
        ({"bundle": ["nothing"]}, "/bundle"),
        ({"expected_hours": 9_999}, "/expected_hours"),
        ({"keywords": ["x" * 41]}, "/keywords"),
        ({"description": "[" * 50_000}, "/description"),
        ({"slug": "new"}, "/slug"),
    ],
)  # fmt: skip
def test_odd_items_are_refused_in_words_where_they_are_odd(api: Any, owner: User, said: Any, pointer: str) -> None:
    a_team()
    body = {"name": "Odd", "team": "service-desk", "fulfilment": ONE_TASK} | said
    answer = api(owner).post("/api/v1/catalog-items/", body, format="json")
    assert answer.status_code == 400
    assert pointer in [one["pointer"] for one in answer.json()["errors"]]
    assert all(one["detail"] for one in answer.json()["errors"])
    assert not CatalogItem.objects.exists()


def test_an_item_is_built_on_pages_part_by_part(owner: User) -> None:
    page = browser(owner)
    made = page.post("/catalog/items/new/", {"name": "Open a port", "team": a_team().pk, "summary": "", "category": ""})
    item = CatalogItem.objects.get()
    here = "/catalog/items/open-a-port/"
    assert made["Location"] == f"{here}build/"

    def change(**said: Any) -> Any:
        return page.post(f"{here}change/", {"version": CatalogItem.objects.get().version, **said})

    begun = change(do="add", what="section", title="Where")
    assert begun["Location"] == f"{here}build/#section-where"  # where its first question is added
    added = change(do="add", what="question", section="where", label="Environment", type="choice")
    assert added["Location"] == f"{here}questions/environment/"
    typed = {
        "label": "Environment", "options": "Test\nproduction = Production | 50.00", "audience": "public", "required": "on",
        "default": "test", "help": "",
    }  # fmt: skip
    version = CatalogItem.objects.get().version
    refused = page.post(f"{here}questions/environment/", {**typed, "version": version})
    assert refused.status_code == 400  # it costs something, in no currency
    assert "Production | 50.00" in refused.content.decode()
    words = {"name": "Open a port", "currency": "eur", "price": "129", "price_period": "once", "version": version}
    assert page.post(f"{here}words/", words).status_code == 302
    sent = page.post(f"{here}questions/environment/", {**typed, "version": CatalogItem.objects.get().version})
    assert sent.status_code == 302, sent.content.decode()
    change(do="add", what="question", section="where", label="Reason", type="long")
    shown_when = {"when_rule": "all", "when_0_field": "environment", "when_0_op": "is", "when_0_value": "Production"}
    reason = {
        "label": "Reason",
        "audience": "public",
        "required": "on",
        "version": CatalogItem.objects.get().version,
        **shown_when,
    }
    assert page.post(f"{here}questions/reason/", reason).status_code == 302
    change(do="add", what="step")
    change(do="add", what="task", title="Open it")
    newest = CatalogItem.objects.get().newest
    first, second = newest.form["sections"][0]["questions"]
    assert [(one["key"], one["surcharge"]) for one in first["options"]] == [("test", 0), ("production", 5_000)]
    assert second["show_when"] == {"all": [{"field": "environment", "op": "is", "value": "production"}]}
    assert (newest.price_minor, newest.currency, newest.approval["steps"][0]["parts"][0]["who"]) == (
        12_900,
        "EUR",
        "manager",
    )
    up = change(do="up", what="question", key="reason")
    assert up.status_code == 400
    assert "Reason: No earlier question is called environment" in up.content.decode()
    assert (
        page.post(f"{here}change/", {"do": "remove", "what": "task", "key": "open_it", "version": 1}).status_code == 412
    )
    assert item.versions.count() == 1
    drawn = page.get(f"{here}build/").content.decode()
    assert "when Environment is Production" in drawn
    preview = page.post(f"{here}preview/", {"answers.environment": "production", "answers.reason": " "})
    assert preview.status_code == 422
    assert "Answer this: Reason" in preview.content.decode()
    taken = page.post(
        f"{here}preview/", {"answers.environment": "production", "answers.reason": "It must"}
    ).content.decode()
    assert '<dd dir="auto" class="words">Production</dd>' in taken
    assert "179.00 EUR" in taken


def test_a_task_that_is_taken_away_leaves_those_behind_it_in_order(owner: User) -> None:
    tasks = [{"key": k, "title": k.upper(), "after": after} for k, after in (("a", []), ("b", ["a"]), ("c", ["b"]))]
    item = an_item(fulfilment={"tasks": tasks})
    browser(owner).post(
        f"{item.get_absolute_url()}change/", {"do": "remove", "what": "task", "key": "b", "version": item.version}
    )
    assert [(one["key"], one["after"]) for one in item.newest.fulfilment["tasks"]] == [("a", []), ("c", ["a"])]


def test_nested_conditions_stay_when_a_page_keeps_the_question(owner: User) -> None:
    nested = {
        "any": [
            {"field": "environment", "op": "is", "value": "production"},
            {"all": [{"field": "environment", "op": "filled"}]},
        ]
    }
    form = {"sections": [dict(FIREWALL["sections"][0], questions=[
        FIREWALL["sections"][0]["questions"][0], FIREWALL["sections"][0]["questions"][1] | {"show_when": nested},
    ])]}  # fmt: skip
    item = an_item(form=form)
    sent = {"label": "Why?", "audience": "public", "version": item.version}
    assert browser(owner).post(f"{item.get_absolute_url()}questions/reason/", sent).status_code == 302
    kept = item.newest.form["sections"][0]["questions"][1]
    assert (kept["label"], kept["show_when"]) == ("Why?", nested)


def test_terms_of_a_page_are_tokens_and_hold_at_once(owner: User, requester: User) -> None:
    item = a_live_item()
    sent = {
        "owner": owner.pk,
        "team": item.team_id,
        "may": ["staff"],
        "may_not_people": "requester",
        "version": item.version,
    }
    assert browser(owner).post(f"{item.get_absolute_url()}terms/", sent).status_code == 302
    words = list(item.entitlements.values_list("token", "allow"))
    assert words == [("staff", True), (f"user:{requester.pk}", False)]
    assert browser(requester).get(item.get_absolute_url()).status_code == 404
    again = browser(owner).get(f"{item.get_absolute_url()}terms/").content.decode()
    assert 'value="requester"' in again


@pytest.mark.parametrize("rows", [2, 12])
def test_lists_cost_the_same_however_long(api: Any, owner: User, requester: User, rows: int) -> None:
    for _at in range(rows):
        a_live_item(entitlements=[{"token": "all", "allow": True}])
    for caller in (owner, requester):
        for client, path, most in (
            (api(caller), "/api/v1/catalog-items/", 14),
            (browser(caller), "/catalog/items/", 24),
        ):
            client.get(path)
            with CaptureQueriesContext(
                connection,
            ) as asked:
                assert client.get(path).status_code == 200
            assert len(asked) <= most, [one["sql"][:120] for one in asked]


def test_a_draft_beside_is_not_told_to_who_asks(api: Any, requester: User) -> None:
    item = a_live_item(name="Laptop")
    edited(item, name="Secret laptop", form={"sections": []})
    for path in ("", "form/"):
        told = api(requester).get(f"/api/v1/catalog-items/{item.slug}/{path}").content
        assert b"Secret" not in told
    assert b"Secret" not in browser(requester).get(item.get_absolute_url()).content


def test_what_was_typed_over_a_newer_version_stays_and_is_meant_when_it_is_sent_again(owner: User) -> None:
    item = an_item()
    newer = edited(item, summary="Somebody else's.")
    path = f"{item.get_absolute_url()}questions/reason/"
    sent = {"label": "My words", "audience": "public", "version": item.version}
    refused = browser(owner).post(path, sent)
    assert refused.status_code == 412
    assert "My words" in refused.content.decode()
    assert f'name="version" value="{newer.version}"' in refused.content.decode()
    assert browser(owner).post(path, sent | {"version": newer.version}).status_code == 302


def test_names_that_no_database_keeps_are_names_of_nobody(owner: User) -> None:
    form = {"sections": [{"key": "s", "title": "S", "questions": [{"key": "who", "label": "Who", "type": "person"}]}]}
    item = an_item(form=form)
    for odd in ("a\x00b", "a\x7f", "x" * 10_000):
        answer = browser(owner).post(f"{item.get_absolute_url()}preview/", {"answers.who": odd})
        assert answer.status_code == 422
        assert "none of this name" in answer.content.decode()
