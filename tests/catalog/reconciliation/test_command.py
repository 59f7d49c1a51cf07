"""./manage.py import_catalog: the last line is one JSON object, and it ends with 1 where anything was refused."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from catalog.cmdb.models import CI, History
from catalog.formats.options import Column
from catalog.reconciliation.models import Run
from catalog.reconciliation.operations import keep_mapping, source_for
from tests.catalog.reconciliation.sources import BRINGER

pytestmark = pytest.mark.django_db

TABLE = "name;class;fqdn;ram;os\nweb-01;virtual_machine;web-01.example.org;{ram};Debian 12\nweb-02;virtual_machine;web-02.example.org;2048;Debian 12\n"


def run(*args: object) -> tuple[dict[str, Any], int]:
    """(the last line, how it ended)"""
    out, ended = StringIO(), 0
    try:
        call_command("import_catalog", *map(str, args), stdout=out)
    except SystemExit as error:
        ended = int(error.code or 0)
    return json.loads(out.getvalue().strip().splitlines()[-1]), ended


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "servers.csv"
    path.write_text(TABLE.format(ram=4096))
    return path


def test_a_table_creates_items_and_the_same_again_writes_nothing(table: Path) -> None:
    told, ended = run("--format", "csv", table)
    assert (told, ended) == (
        {"read": 2, "created": 2, "updated": 0, "unchanged": 0, "refused": [], "relations": 0}, 0,
    )  # fmt: skip
    history = History.objects.count()
    told, ended = run("--format", "csv", table)
    assert (told["created"], told["updated"], told["unchanged"], ended) == (0, 0, 2, 0)
    assert History.objects.count() == history
    assert CI.objects.get(name="web-01").attributes["memory_mib"] == 4096


def test_a_refused_row_is_named_with_its_reason_and_the_rest_is_taken_in(table: Path) -> None:
    table.write_text(TABLE.format(ram="much"))
    told, ended = run("--format", "csv", table)
    assert (told["created"], ended) == (1, 1)
    assert [one["document"] for one in told["refused"]] == [f"{table}, line 2"]
    assert "much" in told["refused"][0]["reason"]


def test_atomic_takes_in_nothing_where_one_row_is_refused(table: Path) -> None:
    table.write_text(TABLE.format(ram="much"))
    told, ended = run("--format", "csv", "--atomic", table)
    assert (told["created"], len(told["refused"]), ended) == (0, 1, 1)
    assert not CI.objects.filter(name="web-02").exists()


def test_a_dry_run_says_the_same_and_leaves_no_item(table: Path) -> None:
    dry, _ = run("--format", "csv", "--dry-run", table)
    assert not CI.objects.filter(name="web-01").exists()
    real, _ = run("--format", "csv", table)
    assert dry == real


def test_a_broken_file_applies_nothing_and_says_why(tmp_path: Path) -> None:
    path = tmp_path / "facts.json"
    path.write_text('{"ansible_facts": {')
    told, ended = run("--format", "ansible", path)
    assert (told["created"], ended) == (0, 1)
    assert told["refused"][0]["document"] == str(path)
    assert not Run.objects.exists()


def test_a_table_is_read_as_its_source_kept_it(table: Path) -> None:
    table.write_text("Rechner,RAM\nweb-01,4 GB\n")
    kept = [Column("Rechner", "name"), Column("RAM", "field:memory_mib", "GB"), Column("gone", "description")]
    keep_mapping(source_for("csv", "sheet", actor=BRINGER), kept, actor=BRINGER)
    told, _ = run("--format", "csv", "--source", "sheet", "--class", "virtual_machine", table)
    assert told["created"] == 1
    assert CI.objects.get(name="web-01").attributes["memory_mib"] == 4096
