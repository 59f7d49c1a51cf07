"""Reconciliation over REST: imports and their reports, bulk, why values hold, merging, conflicts."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from catalog.models import CI, Run, Source, SourceConflict
from itsm.accounts.models import Team, User
from tests.catalog.reconciliation.sources import begun, bring, item, server

pytestmark = pytest.mark.django_db
SignIn = Callable[..., APIClient]
TABLE = "name;class;fqdn;ram\nweb-01;virtual_machine;web-01.example.org;4096\nweb-02;virtual_machine;;much\n"


@pytest.fixture
def client(api: SignIn, manager: User) -> APIClient:
    return api(manager)


def sent(client: APIClient, path: str, body: dict[str, Any], status: int = 200) -> Any:
    answer = client.post(f"/api/v1/{path}", body, format="json")
    assert answer.status_code == status, answer.content
    return answer.json()


def test_a_table_is_an_import_with_its_report_and_each_of_its_documents(client: APIClient) -> None:
    made = sent(client, "imports/", {"format": "csv", "files": [{"name": "servers.csv", "text": TABLE}]}, 201)
    assert (made["state"], made["source"], made["through"]) == ("done", "csv", 2)
    counts = made["report"]
    assert (counts["read"], counts["created"], counts["updated"], counts["relations"]) == (2, 1, 0, 0)
    assert [one["document"] for one in counts["refused"]] == ["servers.csv, line 3"]
    rows = client.get(f"/api/v1/imports/{made['reference']}/documents/").json()["results"]
    assert {(one["outcome"], one["ci"]) for one in rows} == {
        ("created", CI.objects.get(name="web-01").reference), ("refused", None),
    }  # fmt: skip


def test_a_file_with_an_endless_name_is_refused_in_words(client: APIClient) -> None:
    body = {"format": "csv", "files": [{"name": "s" * 201, "text": TABLE}]}
    assert "200 letters" in str(sent(client, "imports/", body, 400)["errors"])
    assert not Run.objects.exists()


def test_a_form_with_files_says_the_same(client: APIClient) -> None:
    file = SimpleUploadedFile("servers.csv", TABLE.encode("utf-16"))
    body = {"format": "csv", "file": file, "dry_run": "true", "encoding": "utf-16"}
    answer = client.post("/api/v1/imports/", body, format="multipart")
    assert (answer.status_code, answer.json()["report"]["created"]) == (201, 1), answer.content
    assert not CI.objects.filter(name="web-01").exists()


def test_what_a_dry_run_has_seen_is_taken_in_as_it_was_seen(client: APIClient) -> None:
    body = {"format": "csv", "dry_run": True, "files": [{"name": "servers.csv", "text": TABLE}]}
    seen = sent(client, "imports/", body, 201)
    taken = sent(client, f"imports/{seen['reference']}/take-in/", {}, 201)
    assert (taken["dry_run"], taken["report"]) == (False, seen["report"])
    assert CI.objects.filter(name="web-01").count() == 1
    sent(client, f"imports/{taken['reference']}/take-in/", {}, 409)


def test_of_a_broken_file_nothing_begins_and_the_answer_says_why(client: APIClient) -> None:
    body = {"format": "ansible", "files": [{"name": "facts.json", "text": '{"ansible_facts": {'}]}
    problem = sent(client, "imports/", body, 400)
    assert problem["type"].endswith("invalid-input")
    assert not Run.objects.exists()
    assert not Source.objects.exists()


def test_a_cancelled_import_takes_nothing_more_in(client: APIClient) -> None:
    run = begun("netbox", server("1", serial="1"))
    assert sent(client, f"imports/{run.reference}/cancel/", {})["state"] == "cancelled"
    assert not CI.objects.exists()


def test_bulk_answers_for_each_document_and_the_same_again_changes_nothing(client: APIClient) -> None:
    good = {"key": "h1", "class": "virtual_machine", "name": "web-01", "attributes": {"cpus": 4}}
    bad = {"key": "h2", "class": "virtual_machine", "name": "web-02", "attributes": {"cpus": "four"}}
    body = {"source": "agent", "documents": [good, bad, {**good, "key": "h3", "class": "server_of_dreams"}]}
    first = sent(client, "cis/bulk/", body)
    assert [(one["document"], one["outcome"]) for one in first["results"]] == [
        ("h1", "created"), ("h2", "refused"), ("h3", "refused"),
    ]  # fmt: skip
    assert "cpus" in first["results"][1]["reason"]
    assert sent(client, "cis/bulk/", body)["results"][0]["outcome"] == "unchanged"
    too_many = {"documents": [{**good, "key": str(number)} for number in range(501)]}
    assert "documents" in str(sent(client, "cis/bulk/", too_many, 400))


def two_that_differ() -> str:
    bring("netbox", server("1", "db-01", serial="1", os="Debian 12"))
    bring("ansible", server("h1", "db-01", serial="1", os="Debian 13"))
    return item("1").reference


def test_every_value_says_why_it_holds_and_a_pin_outlasts_its_source(client: APIClient) -> None:
    reference = two_that_differ()
    found = {one["key"]: one for one in client.get(f"/api/v1/cis/{reference}/claims/").json()["values"]}
    os = found["attributes.os"]
    assert (os["value"], os["pinned"]) == ("Debian 12", False)
    assert [(one["source"], one["lost"], one["agrees"]) for one in os["said"]] == [
        ("netbox", None, True), ("ansible", "rank", False),
    ]  # fmt: skip
    sent(client, f"cis/{reference}/claims/pin/", {"key": "attributes.os"})
    bring("netbox", server("1", "db-01", serial="1", os="Debian 14"))
    assert item("1").attributes["os"] == "Debian 12"
    sent(client, f"cis/{reference}/claims/unpin/", {"key": "attributes.os"})
    assert item("1").attributes["os"] == "Debian 14"
    sent(client, f"cis/{reference}/claims/unpin/", {"key": "attributes.os"}, 409)
    sent(client, f"cis/{reference}/claims/pin/", {"key": "attributes.colour"}, 400)


def test_a_conflict_ends_by_one_word_and_stays_ended(client: APIClient) -> None:
    reference = two_that_differ()
    [conflict] = client.get(f"/api/v1/conflicts/?state=open&ci={reference}").json()["results"]
    assert (conflict["source"], conflict["holds"], conflict["says"]) == ("ansible", "Debian 12", "Debian 13")
    sent(client, f"conflicts/{conflict['id']}/settle/", {"take": "says", "why": "I looked"})
    assert item("1").attributes["os"] == "Debian 13"
    assert not SourceConflict.objects.filter(state="open").exists()
    bring("netbox", server("1", "db-01", serial="1", os="Debian 12", cpus=4))
    assert not SourceConflict.objects.filter(state="open").exists()
    sent(client, f"conflicts/{conflict['id']}/settle/", {"take": "says"}, 409)


def test_merged_items_are_one_and_split_ones_two_again(client: APIClient) -> None:
    bring("netbox", server("1", "db-01", serial="1"))
    bring("csv", server("a", "database one"))
    first, second = item("1").reference, item("a").reference
    assert sent(client, f"cis/{second}/merge/", {"into": first, "why": "One machine"})["reference"] == first
    assert client.get(f"/api/v1/cis/{second}/").status_code == 308
    parted = sent(client, f"cis/{first}/split/", {"records": [{"source": "csv", "key": "a"}]}, 201)
    assert parted["reference"] == second
    assert client.get(f"/api/v1/cis/{second}/").status_code == 200
    sent(client, f"cis/{first}/split/", {"records": [{"source": "csv", "key": "a"}]}, 400)


def test_what_is_confidential_is_in_no_conflict_and_in_no_list_of_documents(
    api: SignIn, engineer: User, payments: Team
) -> None:
    reference = two_that_differ()
    CI.objects.update(confidential=True, team=payments)
    run, outsider = Run.objects.order_by("pk")[0], api(engineer)
    rows = outsider.get(f"/api/v1/imports/{run.reference}/documents/").json()["results"]
    assert rows == []
    assert outsider.get("/api/v1/conflicts/").json()["results"] == []
    assert outsider.get(f"/api/v1/cis/{reference}/claims/").status_code == 404


def test_ranks_are_an_administrators_to_set(api: SignIn, admin: User, client: APIClient) -> None:
    two_that_differ()
    boss = api(admin)
    version = boss.get("/api/v1/sources/ansible/")["ETag"]
    body = {"rank": 1, "silent_after_hours": 48}
    answer = boss.patch("/api/v1/sources/ansible/", body, format="json", HTTP_IF_MATCH=version)
    assert (answer.status_code, answer.json()["rank"], answer.json()["silent_after_hours"]) == (200, 1, 48)
    assert client.patch("/api/v1/sources/ansible/", body, format="json").status_code == 403
    rule = {"class": "server", "source": "ansible", "key": "attributes.os", "rank": 3}
    made = sent(boss, "precedence/", rule, 201)
    sent(boss, "precedence/", rule, 409)
    assert boss.delete(f"/api/v1/precedence/{made['id']}/").status_code == 204
