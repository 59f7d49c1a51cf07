"""./manage.py openslo validate: a line for each document, and an exit code to rely on."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from slo.management.commands.openslo import Command
from tests.slo.openslo.samples import a_document, text_of


def validate(*arguments: object) -> tuple[int, list[str]]:
    """(exit code, lines)."""
    out = StringIO()
    try:
        call_command(Command(stdout=out), "validate", *map(str, arguments))
    except CommandError as error:
        return error.returncode, out.getvalue().splitlines()
    return 0, out.getvalue().splitlines()


def test_valid_documents(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(text_of(a_document("Service", "web"), a_document()))
    assert validate(file) == (0, [f"{file}#0 Service web: valid", f"{file}#1 SLO web-availability: valid"])


def test_an_invalid_one(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(text_of(a_document(metadata__displayName="x" * 64), a_document("Service", "web")))
    code, [first, second] = validate(file)
    assert code == 1
    assert first.startswith(f"{file}#0 SLO web-availability: invalid - metadata.displayName: ")
    assert first.endswith(" (too-long)")
    assert second == f"{file}#1 Service web: valid"
    code, [first, _] = validate("--lenient", file)
    assert code == 0
    assert ": valid, with a warning - metadata.displayName: " in first


def test_directories_are_looked_through(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    for name in ("b.yml", "a.yaml", "deep/er/c.json", "deep/d.txt", "deep/e.YAML"):
        (tmp_path / name).write_text(text_of(a_document("Service", "web")))
    code, lines = validate(tmp_path)
    assert code == 0
    assert [line.split("#")[0].removeprefix(f"{tmp_path}/") for line in lines] == [
        "a.yaml",
        "b.yml",
        "deep/e.YAML",
        "deep/er/c.json",
    ]


def test_what_cannot_be_read(tmp_path: Path) -> None:
    broken, empty = tmp_path / "broken.yaml", tmp_path / "empty.yaml"
    broken.write_text("a: [\x1b[31m")
    empty.write_text("# nothing")
    code, lines = validate(tmp_path / "gone.yaml", broken, empty)
    assert code == 1
    assert lines[0] == f"{tmp_path}/gone.yaml: unreadable - No such file or directory"
    assert lines[1].startswith(f"{broken}#0: invalid - -: Line 1: ")
    assert lines[2] == f"{empty}: no document"


def test_nothing_of_a_file_reaches_the_terminal_as_a_control_character(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text('{"apiVersion": "x\\u001b[31m", "kind": "SLO\\n", "metadata": {"name": "a\\rb"}}')
    code, [line] = validate(file)
    assert code == 1
    assert line.isprintable()


def test_a_subcommand_and_a_file_are_needed() -> None:
    with pytest.raises(CommandError):
        call_command(Command(), "validate")
    with pytest.raises(CommandError):
        call_command(Command())
