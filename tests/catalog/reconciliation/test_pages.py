"""Pages of imports: a table is looked at, tried and taken in; conflicts, sources, why a value holds."""

import re
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalog.models import CI, Mapping, Run, Source, SourceConflict
from catalog.templatetags.claims import claim_key
from itsm.accounts.models import User
from tests.catalog.reconciliation.sources import begun, bring, item, server
from tests.factories.catalog import an_item

pytestmark = pytest.mark.django_db
Browse = Callable[[User], Client]
TABLE = "Rechner;Klasse;RAM\nweb-01;virtual_machine;16 GB\nweb-02;virtual_machine;8 GB\n"
COLUMNS = {
    "column-0": "Rechner", "becomes-0": "name", "column-1": "Klasse", "becomes-1": "class",
    "column-2": "RAM", "becomes-2": "field:memory_mib",
}  # fmt: skip


@pytest.fixture
def browser(web: Browse, owner: User) -> Client:
    return web(owner)


def look(browser: Client, text: str = TABLE, **boxes: str) -> str:
    given = {"format": "csv", "file": SimpleUploadedFile("servers.csv", text.encode()), **boxes}
    answer = browser.post("/imports/look/", given, HTTP_HX_REQUEST="true")
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def test_a_table_is_shown_with_what_separates_it_and_what_its_columns_seem_to_mean(browser: Client) -> None:
    shown = look(browser, "name,class,fqdn\nweb-01,virtual_machine,web-01.example.org\n")
    assert "1 row" in shown
    assert "UTF-8" in shown
    assert '<option value="identifier:fqdn" selected>' in shown
    assert "1 row reads." in shown


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,class,serial\na,virtual_machine,S1\nb,virtual_machine,S2\n", "only together with: vendor."),
        (
            "name,class,serial,vendor\na,virtual_machine,S1,Dell\nb,virtual_machine,S2,\n",
            "only together with: vendor. So in 1 row of 2.",
        ),
        ("name,class,identifier:vendor\na,virtual_machine,Dell\n", "only together with: serial."),
        ("name,class,uuid\na,router,4c4c4544-0042\n", "Items of the class router are not known by it."),
        ("name,class,fqdn\na,virtual_machine,web\n", "tells nothing apart: it is filled in alike everywhere"),
    ],
)
def test_a_column_by_which_nothing_is_known_says_so_and_what_is_missing(browser: Client, text: str, said: str) -> None:
    assert said in look(browser, text)


def test_columns_by_which_every_row_is_known_say_nothing(browser: Client) -> None:
    text = "name,class,serial,manufacturer,fqdn\na,virtual_machine,S1,Dell,a.example.org\n"
    shown = look(browser, text)
    assert "tells items apart only" not in shown
    assert "alert-triangle" not in shown


def test_numbers_that_are_none_are_counted_and_read_once_their_unit_is_said(browser: Client) -> None:
    shown = look(browser, **COLUMNS)
    assert "2 rows cannot be read so" in shown
    assert "16 GB" in shown
    assert "GB → MiB" in shown
    assert "All 2 rows read." in look(browser, **COLUMNS, **{"unit-2": "GB"})


def test_a_file_is_tried_seen_and_taken_in_and_its_columns_are_kept(browser: Client) -> None:
    boxes = {**COLUMNS, "unit-2": "GB", "format": "csv", "source": "sheet", "keep_columns": "on"}
    answer = browser.post("/imports/new/", {**boxes, "file": SimpleUploadedFile("servers.csv", TABLE.encode())})
    seen = Run.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, seen.get_absolute_url())
    page = browser.get(answer["Location"]).content.decode()
    assert "This would happen" in page
    assert "Take it in" in page
    assert re.search(r">web-01<.*>servers.csv", page), "what would be new is named, and where it stands"
    assert not CI.objects.exists()
    answer = browser.post(f"{seen.get_absolute_url()}take-in/")
    assert "This happened" in browser.get(answer["Location"]).content.decode()
    assert {one.name: one.attributes["memory_mib"] for one in CI.objects.all()} == {"web-01": 16384, "web-02": 8192}
    kept = Mapping.objects.get(source__slug="sheet").columns["RAM"]
    assert (kept["becomes"], kept["unit"]) == ("field:memory_mib", "GB")


def test_a_dry_run_shows_what_would_change_and_what_a_stronger_source_holds(browser: Client) -> None:
    bring("netbox", server("1", "db-01", serial="1", os="Debian 12"))
    bring("ansible", server("h2", "db-02", serial="2"))
    bring("netbox", server("2", "database 2", serial="2"))
    run = bring("ansible", server("h1", "db-01", serial="1", os="Debian 13", cpus=4), dry=True)
    page = browser.get(run.get_absolute_url()).content.decode()
    assert "CPUs" in page
    assert "Held: a stronger source says otherwise" in page
    assert "Debian 13" in page
    assert "db-02" not in page, "what an earlier import could not say is not this one's"
    assert [one.key for one in SourceConflict.objects.all()] == ["name"]
    assert "cpus" not in item("1").attributes


def test_a_file_that_is_broken_says_so_in_the_form(browser: Client) -> None:
    boxes = {"format": "ansible", "file": SimpleUploadedFile("facts.json", b'{"ansible_facts": {')}
    answer = browser.post("/imports/new/", boxes)
    assert answer.status_code == 400
    assert 'id="id_file_error"' in answer.content.decode(), "the reader's own sentence stands at the file"
    assert not Source.objects.exists()


def test_without_a_file_nothing_is_tried(browser: Client) -> None:
    assert browser.post("/imports/new/", {"format": "csv"}).status_code == 422
    assert not Run.objects.exists()


def test_a_run_under_way_is_asked_again_and_can_be_stopped(browser: Client) -> None:
    run = begun("netbox", server("1", serial="1"))
    page = browser.get(run.get_absolute_url()).content.decode()
    assert 'hx-trigger="every 2s"' in page
    browser.post(f"{run.get_absolute_url()}cancel/")
    part = browser.get(run.get_absolute_url(), HTTP_HX_REQUEST="true").content.decode()
    assert "every 2s" not in part
    assert "<html" not in part


def test_a_conflict_is_settled_by_one_click(browser: Client) -> None:
    bring("netbox", server("1", "db-01", serial="1", os="Debian 12"))
    bring("ansible", server("h1", "db-01", serial="1", os="Debian 13"))
    conflict = SourceConflict.objects.get()
    assert "Debian 13" in browser.get("/imports/conflicts/").content.decode()
    browser.post(f"/imports/conflicts/{conflict.pk}/says/")
    assert item("1").attributes["os"] == "Debian 13"
    assert "Sources agree" in browser.get("/imports/conflicts/").content.decode()
    assert browser.post(f"/imports/conflicts/{conflict.pk}/shrug/").status_code == 404


def test_why_says_what_holds_what_does_not_and_that_people_pinned_it(browser: Client) -> None:
    bring("netbox", server("1", "db-01", serial="1", os="Debian 12"))
    bring("ansible", server("h1", "db-01", serial="1", os="Debian 13"))
    of = f"/imports/of/{item('1').reference}/"
    part = browser.get(f"{of}why/?key=attributes.os", HTTP_HX_REQUEST="true").content.decode()
    assert "another source is believed sooner" in part
    assert f"{of}why/?key=attributes.os" in browser.get(f"/cis/{item('1').reference}/").content.decode()
    assert "<html" not in part
    browser.post(f"{of}pin/", {"key": "attributes.os"})
    page = browser.get(of).content.decode()
    assert "pinned" in page
    assert "Let it go" in page


def test_with_nothing_in_it_each_page_says_what_to_do(browser: Client) -> None:
    for path, words in (
        ("", "Nothing was brought in yet"), ("sources/", "No source yet"), ("conflicts/", "Sources agree"),
    ):  # fmt: skip
        assert words in browser.get(f"/imports/{path}").content.decode()


def test_a_stronger_source_holds_nothing_back_and_says_so(browser: Client) -> None:
    bring("csv", server("1", "db-01", serial="1", os="Debian 11"))
    run = bring("netbox", server("n", "db-01", serial="1", os="Debian 12"), dry=True)
    assert run.counts["held"] == 0
    assert "a stronger source says otherwise" not in browser.get(run.get_absolute_url()).content.decode()


def test_what_an_import_holds_is_counted_as_it_is_listed(browser: Client) -> None:
    bring("netbox", server("n", "db-01", serial="1", os="Debian 12"))
    run = bring("csv", server("1", "db-01", serial="1", os="Debian 11"), dry=True)
    assert run.counts["held"] == 1
    assert "Held: a stronger source says otherwise" in browser.get(run.get_absolute_url()).content.decode()


def test_who_may_not_settle_a_conflict_is_offered_no_button_for_it(web: Browse, engineer: User, owner: User) -> None:
    bring("netbox", server("n", "db-01", serial="1", os="Debian 12"), server("m", "db-02", serial="2", os="Debian 12"))
    bring("csv", server("1", "db-01", serial="1", os="Debian 11"), server("2", "db-02", serial="2", os="Debian 11"))
    CI.objects.filter(pk=item("n").pk).update(team=an_item().team)
    offered = [
        web(who).get("/imports/conflicts/").content.decode().count("They may differ</button>")
        for who in (owner, engineer)
    ]
    assert offered == [2, 1]


def test_sources_that_share_a_rank_are_named(web: Browse, admin: User) -> None:
    bring("netbox", server("1", serial="1"))
    begun("ansible", server("h2", serial="2"))
    browser, words = web(admin), "share a rank"
    assert words not in browser.get("/imports/sources/").content.decode()
    Source.objects.update(rank=30)
    assert words in browser.get("/imports/sources/").content.decode()


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("relation:runs_on", "Relation “runs on”"), ("related:depends_on", "Other end of “depends on”"),
        ("group:db_nodes", "Group “db_nodes”"), ("attributes.memory_mib", "Memory (MiB)"), ("name", "Name"),
    ],
)  # fmt: skip
def test_keys_of_the_history_are_words(key: str, shown: str) -> None:
    assert claim_key(key) == shown
