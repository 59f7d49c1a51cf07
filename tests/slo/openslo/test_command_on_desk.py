"""./manage.py openslo import and export: what is printed, and the exit code."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from itsm.accounts.models import Team, User
from slo.management.commands.openslo import Command
from slo.measuring.operations.sources import create_source
from slo.models import Objective
from tests.factories.slo import MEASURER, a_service
from tests.slo.openslo.samples import a_document, text_of

pytestmark = pytest.mark.django_db


def run(*arguments: object) -> tuple[int, list[str]]:
    """(exit code, lines)."""
    out = StringIO()
    try:
        call_command(Command(stdout=out), *map(str, arguments))
    except CommandError as error:
        return error.returncode, [*out.getvalue().splitlines(), str(error)]
    return 0, out.getvalue().splitlines()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    a_service(slug="web")
    (tmp_path / "sources.yaml").write_text(text_of(a_document("DataSource", "prom")))
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "web.json").write_text(text_of(a_document()))
    return tmp_path


CREATED = [
    "created data source prom",
    "created objective web-availability",
    "    target: 99.9 %",
    "    window: 28 days, rolling",
    "    source: prom",
    "    good: sum(increase(x[1m]))",
    "    total: sum(increase(x[1m]))",
    "created indicator web-ok",
]
SLOTH = """
version: prometheus/v1
service: parcel-desk
slos:
  - name: answers
    objective: 99.5
    sli:
      events:
        error_query: sum(rate(desk_calls_total{code=~"5.."}[{{.window}}]))
        total_query: sum(rate(desk_calls_total[{{.window}}]))
"""


def test_a_folder_is_declared(folder: Path) -> None:
    assert run("import", folder) == (0, CREATED)
    assert run("import", folder) == (0, ["unchanged data source prom", "unchanged objective web-availability"])


def test_a_diff_only_shows(folder: Path) -> None:
    code, lines = run("import", "--diff", folder)
    assert (code, lines[:-1]) == (0, CREATED)
    assert lines[-1].startswith("Nothing was written")
    assert not Objective.objects.exists()


def test_a_sloth_file_comes_in_where_there_are_two_sources_and_no_such_service(tmp_path: Path) -> None:
    for slug in ("one", "two"):
        create_source(actor=MEASURER, slug=slug, url=f"http://{slug}.example:9090")
    Team.objects.create(slug="parcels", name="Parcels")
    file = tmp_path / "sloth.yml"
    file.write_text(SLOTH)
    code, lines = run("import", file)
    assert code == 1
    assert any("service: There is no service parcel-desk in the catalog." in one for one in lines)
    assert any(
        "slos[0].sli: This does not say which data source it is asked of, and there are 2" in one for one in lines
    )
    assert any("service: There is no service parcel-desk in the catalog." in one for one in run("import", file, "--source", "two")[1])  # fmt: skip
    assert run("import", file, "--source", "tow") == (1, ["There is no data source tow. The nearest: two, one."])
    assert run("import", file, "--source", "two", "--team", "x") == (1, ["There is no team x. The nearest: –."])
    code, lines = run("import", file, "--source", "two", "--create-services", "--team", "parcels")
    assert (code, lines) == (
        0,
        [
            "created service parcel-desk",
            "    team: parcels",
            "created objective parcel-desk-answers",
            "    target: 99.5 %",
            "    window: 30 days, rolling",
            "    source: two",
            '    bad: sum(increase(desk_calls_total{code=~"5.."}[1m]))',
            "    total: sum(increase(desk_calls_total[1m]))",
            "created indicator parcel-desk-answers",
        ],
    )


def test_changes_are_shown_from_old_to_new_and_pruning(folder: Path) -> None:
    run("import", folder, "--set", "shop")
    (folder / "deep" / "web.json").write_text(text_of(a_document(spec__objectives__0__target=0.99)))
    code, lines = run("import", folder, "--set", "shop")
    assert (code, lines[1:]) == (0, ["updated objective web-availability", "    target: 0.999 -> 0.99"])
    (folder / "deep" / "web.json").write_text(text_of(a_document("SLO", "other")))
    code, lines = run("import", folder, "--set", "shop", "--prune")
    assert (code, lines[-1]) == (0, "pruned objective web-availability")


def test_an_error_writes_nothing(folder: Path) -> None:
    (folder / "wrong.yaml").write_text(text_of(a_document("SLO", "other", spec__service="nobody")))
    code, lines = run("import", folder)
    assert code == 1
    assert lines[0].startswith(f"error {folder}/wrong.yaml#0 spec.service: There is no service nobody")
    assert lines[0].endswith("(headroom-unknown-service)")
    assert lines[1] == "1 error; nothing was written."
    assert not Objective.objects.exists()


def test_whose_rights(folder: Path, auditor: User, engineer: User) -> None:
    assert run("import", folder, "--as", "nobody") == (1, ["There is no account nobody."])
    assert run("import", folder, "--as", "auditor") == (1, ["auditor may not define objectives."])
    assert run("import", folder, "--as", "engineer") == (0, CREATED)
    assert Objective.objects.get().created_by == engineer


def test_what_cannot_be_used(folder: Path) -> None:
    assert run("import", folder / "gone.yaml") == (1, [f"{folder}/gone.yaml: No such file or directory"])
    assert run("import", folder, "--set", "Not a slug")[0] == 1
    with pytest.raises(CommandError):
        call_command(Command(), "import")


def test_the_export_comes_back_unchanged(folder: Path, tmp_path: Path) -> None:
    run("import", folder)
    code, lines = run("export")
    assert code == 0
    assert lines[0] == "---"
    file = tmp_path / "out" / "all.yaml"
    assert run("export", "--output", file) == (1, [f"{file}: No such file or directory"])
    file.parent.mkdir()
    assert run("export", "--output", file) == (0, [])
    assert file.read_text().splitlines() == lines
    assert {line.split()[0] for line in run("import", file)[1]} == {"unchanged"}
    assert run("export", "--service", "web") == (0, lines)
    a_service(slug="empty")
    assert run("export", "--service", "empty") == (0, [])
    assert run("export", "--service", "nobody")[0] == 1
