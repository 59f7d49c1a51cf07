"""./manage.py openslo import and export: what is printed, and the exit code."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from itsm.accounts.models import User
from slo.management.commands.openslo import Command
from slo.models import Objective
from tests.factories.slo import a_service
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


CREATED = ["created data source prom", "created objective web-availability", "created indicator web-ok"]


def test_a_folder_is_declared(folder: Path) -> None:
    assert run("import", folder) == (0, CREATED)
    assert run("import", folder) == (0, ["unchanged data source prom", "unchanged objective web-availability"])


def test_a_diff_only_shows(folder: Path) -> None:
    code, lines = run("import", "--diff", folder)
    assert (code, lines[:3]) == (0, CREATED)
    assert lines[3].startswith("Nothing was written")
    assert not Objective.objects.exists()


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
