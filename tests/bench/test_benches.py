"""Every bench runs, small: its world still fits the tables, its questions still get their answers. No speed is judged."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
from django.db import connection
from psycopg2 import sql

from itsm.run import places
from tests.databases import drop, send_away
from tests.slo.prometheus_server import needed
from tests.slo.proving import IN_FULL, TURN, by_turns

pytestmark = [
    pytest.mark.django_db(transaction=True),  # outside a transaction the connection to what is copied can be closed
    pytest.mark.timeout(600),  # programs start here, slowly on a busy machine
]

# They start programs for figures that nobody judges here: one of them in the sample, by turns, all in full.
_SMALL = {
    "seconds",
    "growth",
    "impact",
    "items",
    "import",
    "knowledge",
    "problems",
    "requestable",
    "requests",
    "portal",
    "webhooks",
    "mail",
    "alerts",
    "majors",
    "paging",
    "dora",
    "night",
    "doors",
    "audit",
    "erase",
    "scim",
    "signin",
    "agents",
}
_SAMPLED = by_turns(_SMALL, TURN, one_in=len(_SMALL))


def by_its_turn(what: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(what not in _SAMPLED, reason="not of this sample: make prove")


@pytest.fixture
def copied(db: None) -> Iterator[dict[str, str]]:
    """The environment of a program that has a copy of this process's test database for itself."""
    template = connection.settings_dict["NAME"]
    connection.close()
    owner = os.environ["DATABASE_OWNER_URL"]
    made = f"bench_{os.getpid()}"
    postgres = psycopg2.connect(owner)
    postgres.autocommit = True
    cursor = postgres.cursor()
    # A thread of an earlier test may have left its connection; a template must have none.
    send_away(cursor, template)
    cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(made), sql.Identifier(template)))
    urls = {name: _on(os.environ[name], made) for name in ("DATABASE_URL", "DATABASE_OWNER_URL")}
    try:
        yield os.environ | urls | {"BENCH_HERE": "1", "DJANGO_SETTINGS_MODULE": "itsm.settings"}
    finally:
        drop(cursor, made)
        postgres.close()


def _on(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def small(what: str, surroundings: dict[str, str], folder: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", *what.split(), "--small", "--into", folder],
        cwd=places.ROOT, env=surroundings, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "# Measured" in (folder / f"{Path(done.stdout.strip()).stem}.md").read_text()
    return json.loads((folder / done.stdout.strip()).read_text())


@pytest.mark.heavy
@pytest.mark.skipif(not IN_FULL, reason="it judges no product: make prove")
def test_the_gate_is_measured_beside_its_yardstick(copied, tmp_path):
    rows = small("gate", copied, tmp_path)["gate"]
    assert [one["situation"] for one in rows] == ["distinct services", "one hot service"]
    for one in rows:
        assert one["answers"] == {"201 approved": one["requests"]}
        assert one["yardstick"]["answers"] == {"201": one["requests"]}
        assert one["share_of_yardstick"] > 0


@pytest.mark.heavy
@pytest.mark.skipif(not IN_FULL, reason="it judges no product: make prove")
def test_every_page_of_the_bench_answers_and_asks_no_more_of_many_rows(copied, tmp_path):
    found = small("pages", copied, tmp_path)
    answers = {name: [one["answers"] for one in by_clients.values()] for name, by_clients in found["pages"].items()}
    assert set(map(str, answers.values())) == {"[{'200': 2}, {'200': 2}]"}, answers
    assert all(few == many for few, many in found["queries"].values()), found["queries"]
    assert found["memory_mib"].keys() == {"web", "worker"}


@pytest.mark.heavy
@by_its_turn("seconds")
def test_what_takes_seconds_is_measured(copied, tmp_path):
    """Pages in turns, the search for who sees much and who sees little, and budgets."""
    found = small("beside search budgets", copied, tmp_path)
    assert {row["stand"] for row in found["beside"]} == {"now"}
    assert {str(row["answers"]) for row in found["beside"]} == {"{'200': 2}"}, found["beside"]
    for who in ("staff, 1", "staff, 4", "requester, 1", "requester, 4"):
        assert found["search"][who]["answers"] == {"200": found["search"][who]["requests"]}
    assert found["budgets"]["objectives"] == 4
    assert found["budgets"]["judged_per_second"] > 0


@pytest.mark.heavy
@by_its_turn("growth")
def test_the_growth_of_all_windows_is_measured(copied, tmp_path):
    found = small("growth", copied, tmp_path)  # it fills a database of its own
    assert [row["objectives"] for row in found["growth"]] == [3]
    assert all(row["evaluate_all_median"] > 0 for row in found["growth"])


@pytest.mark.heavy
@pytest.mark.skipif(not IN_FULL, reason="it judges no product: make prove")
def test_the_service_desk_is_measured(copied, tmp_path):
    found = small("desk", copied, tmp_path)["desk"]
    answers = {name: [one["answers"] for one in rows.values()] for name, rows in found["pages"].items()}
    created = answers.pop("create, API")
    assert {code for rows in answers.values() for one in rows for code in one} == {"200"}, answers
    assert {code for one in created for code in one} == {"201"}
    assert found["export"]["answers"].keys()
    assert "not measured" in found["keys"] or all(one["keys"] for one in found["keys"].values())


@pytest.mark.heavy
@by_its_turn("impact")
def test_impact_on_a_large_estate_is_measured(copied, tmp_path):
    found = small("impact", copied, tmp_path)["impact"]
    assert (found["items"], found["hub"]) == (2000, 400)
    assert found["felt"] > found["hub"]
    assert found["could_hurt"] > 10


@pytest.mark.heavy
@by_its_turn("items")
def test_pages_of_items_are_measured(copied, tmp_path):
    found = small("items", copied, tmp_path)["items"]
    assert (found["items"], found["rows_of_a_page"]) == (2000, 50)
    assert found["relations"] > 200


@pytest.mark.heavy
@by_its_turn("import")
def test_an_import_of_items_is_measured_and_the_second_writes_nothing(copied, tmp_path):
    found = small("import", copied, tmp_path)["import"]
    assert (found["items"], found["written_by_the_second"]) == (60, 0)
    assert found["first_s"] > 0


@pytest.mark.heavy
@pytest.mark.skipif(not IN_FULL, reason="it judges no product: make prove")
def test_the_agenda_of_a_board_is_measured(copied, tmp_path):
    found = small("agenda", copied, tmp_path)["agenda"]
    assert found["items"] == 3
    assert found["live_unchanged_ms"] > 0


@pytest.mark.heavy
@pytest.mark.skipif(not IN_FULL, reason="it judges no product: make prove")
def test_a_back_test_is_measured_and_refuses_nothing(copied, tmp_path):
    found = small("backtest", copied, tmp_path)["backtest"]
    assert (found["changes"], found["differing"], found["refused"]) == (40, 20, 0)


@pytest.mark.heavy
@pytest.mark.skipif(not IN_FULL, reason="it judges no product: make prove")
def test_the_calendar_beside_a_long_past_is_measured(copied, tmp_path):
    found = small("calendar", copied, tmp_path)["calendar"]
    assert (found["changes"], found["occurrences"], found["items"]) == (600, 400, 100)
    assert found["month_ms"] > 0


@pytest.mark.prometheus
def test_headroom_and_prometheus_say_the_same_of_the_same_measurements(copied, tmp_path):
    needed()
    assert small("prometheus", copied, tmp_path)["prometheus"]["worst_difference"] < 0.001


@pytest.mark.heavy
@by_its_turn("knowledge")
def test_answers_while_typing_are_measured(copied, tmp_path):
    found = small("knowledge", copied, tmp_path)["knowledge"]
    assert found["articles"] == 500
    asked = {name: one for name, one in found.items() if isinstance(one, dict)}
    assert {name.partition(",")[0] for name in asked} == {"staff", "requester"}
    for one in asked.values():
        assert set(one["answers"]) == {"200"}
        assert set(one["by_kind"]) == {"words", "frequent", "beginnings", "typos", "sentences"}
    (table,) = tmp_path.glob("*.md")
    assert "answers while typing over 500 articles" in table.read_text()


@pytest.mark.heavy
@by_its_turn("majors")
def test_a_war_room_is_measured(copied, tmp_path):
    found = small("majors", copied, tmp_path)["majors"]
    assert (found["entries"], found["limit_ms"]) == (3, 80)
    assert found["lines"] > 80


@pytest.mark.heavy
@by_its_turn("problems")
def test_problems_and_their_rank_are_measured(copied, tmp_path):
    found = small("problems", copied, tmp_path)["problems"]
    assert (found["problems"], found["objectives"], found["rows_of_a_page"]) == (60, 20, 50)
    assert found["figures_of_the_rank"] >= 20


@pytest.mark.heavy
@by_its_turn("requestable")
def test_forms_and_lists_of_items_are_measured(copied, tmp_path):
    found = small("requestable", copied, tmp_path)["requestable"]
    assert found["items"] == 10
    assert 0 < found["draw and render"]["p50"] <= found["draw and render"]["p95"]
    pages = {name: one for name, one in found.items() if isinstance(one, dict) and "answers" in one}
    assert {name.partition(",")[0] for name in pages} == {"item", "preview", "list", "form over REST", "list over REST"}
    assert all(set(one["answers"]) == {"200"} for one in pages.values())


@pytest.mark.heavy
@by_its_turn("requests")
def test_requests_are_measured(copied, tmp_path):
    found = small("requests", copied, tmp_path)["requests"]
    assert (found["requests"], found["catalog_items"], found["rows_of_a_page"]) == (400, 20, 40)
    assert found["submit_with_approval_ms"] > 0


@pytest.mark.heavy
@by_its_turn("webhooks")
def test_webhooks_are_measured(copied, tmp_path):
    found = small("webhooks", copied, tmp_path)["webhooks"]
    assert (found["events"], found["heap"]["messages"]) == (40, 40)
    assert found["late_s"]["most"] > 0


@pytest.mark.heavy
@by_its_turn("paging")
def test_pages_are_measured(copied, tmp_path):
    found = small("paging", copied, tmp_path)["paging"]
    assert (found["incidents"], found["steps"], found["attempts"]) == (8, 8, 8)
    assert found["first_attempt_s"]["p95"] > 0


@pytest.mark.heavy
@by_its_turn("night")
def test_a_night_is_measured(copied, tmp_path):
    found = small("night", copied, tmp_path)["night"]
    assert (found["pushed"], found["alerts"], found["paged"]) == (12, 6, 6)
    assert set(found["cpu_ms_a_second"]) == {"web", "worker", "outward", "paging", "clients"}


@by_its_turn("mail")
def test_mail_that_comes_in_is_measured(copied, tmp_path):
    found = small("mail", copied, tmp_path)["mail"]
    assert (found["mails"], found["lost"]) == (30, 0)
    assert found["incidents"] == found["became"]["applied opened"]


@by_its_turn("alerts")
def test_alerts_that_storm_are_measured(copied, tmp_path):
    found = small("alerts", copied, tmp_path)["alerts"]
    assert (found["alerts"], found["rows"], found["lost"], found["without_incident"]) == (200, 200, 0, 0)
    assert found["incidents"] <= 41
    assert (found["over_http"]["lost"], found["over_http"]["incidents"] <= 41) == (0, True)


@pytest.mark.heavy
@by_its_turn("portal")
def test_the_portal_is_measured(copied, tmp_path):
    found = small("portal", copied, tmp_path)["portal"]
    assert (found["requests"], found["items"], found["articles"]) == (6_000, 500, 300)
    asked = {name: one for name, one in found.items() if isinstance(one, dict)}
    assert {name.partition(",")[0] for name in asked} == {"home", "mine", "over", "status", "suggest"}
    for one in asked.values():
        assert set(one["answers"]) == {"200"}


@pytest.mark.heavy
@pytest.mark.skipif(not IN_FULL, reason="it makes tables of its own: make prove")
def test_a_status_page_without_its_database_is_measured(copied, tmp_path):
    found = small("status", copied, tmp_path)["status"]
    assert found["answers"] == {"200": 100}


@pytest.mark.heavy
@by_its_turn("dora")
def test_the_five_of_dora_are_measured(copied, tmp_path):
    found = small("dora", copied, tmp_path)["dora"]
    assert (found["deployments"], found["commits"]) == (200, 600)
    assert found["ms_rest"] > 0


@pytest.mark.heavy
@by_its_turn("doors")
def test_the_doors_of_platforms_are_measured(copied, tmp_path):
    found = small("doors", copied, tmp_path)["doors"]
    assert (found["deliveries"], found["kept"]) == (20, 20)
    assert found["p50_ms"] > 0


@pytest.mark.heavy
@by_its_turn("audit")
def test_the_chain_of_the_audit_is_measured(copied, tmp_path):
    found = small("audit", copied, tmp_path)["audit"]
    assert found["after_the_race"]["findings"] == found["verified_by_2"]["findings"] == 0
    assert found["verified_by_2"]["links"] >= 2_000


@pytest.mark.heavy
@by_its_turn("erase")
def test_the_erasure_of_a_person_is_measured(copied, tmp_path):
    found = small("erase", copied, tmp_path)["erase"]
    assert (found["findings"], found["found_by_a_second_run"]) == (0, 0)
    assert found["masked"] >= 300


@pytest.mark.heavy
@by_its_turn("signin")
def test_signing_in_is_measured(copied, tmp_path):
    found = small("signin", copied, tmp_path)["signin"]
    assert (found["sign_ins"], found["accounts_made"]) == (20, 10)
    assert found["password_p50_ms"] > 0
    assert found["provider_p50_ms"] > 0


@pytest.mark.heavy
@by_its_turn("agents")
def test_what_software_agents_cost_is_measured(copied, tmp_path):
    found = small("agents", copied, tmp_path)["agents"]
    assert (found["questions"], found["agents"]) == (20, 50)
    assert found["answers to agents without a pause, 200"] > 0
    assert found["p95 more at the door, ms (limit 5)"] < 1_000


@pytest.mark.heavy
@by_its_turn("scim")
def test_what_a_provider_writes_is_measured(copied, tmp_path):
    found = small("scim", copied, tmp_path)["scim"]
    assert found["people"] == 20
    assert found["made and in their group, seconds (limit 60)"] > 0
