"""The whole desk under load: started anew again and again, upgraded to a release to come, kept where that fails.

In full (`make prove`); what it is made of is tested one by one in test_relief and itsm/continuity/test_applying.
"""

import itertools
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from itsm.run import places, prepare, upgrade
from tests.run.desks import eventually, strangers
from tests.run.load import Load, at_work
from tests.run.test_faults import SWEPT, WholeDesk, whole

__all__ = ["whole"]  # the fixture
pytestmark = [
    pytest.mark.heavy,
    pytest.mark.timeout(1500),
    pytest.mark.skipif(os.environ.get("PROOF") != "full", reason="minutes: make prove"),
]
NOT_OF_A_RELEASE = shutil.ignore_patterns(
    ".venv", ".run", ".cache", ".git", "backups", "node_modules", "__pycache__", "staticfiles*"
)
NEXT = places.ROOT / "tests" / "itsm" / "continuity" / "next_release" / "migrations"
RESTARTS, ROWS = 5, 1_000_000
FOUND = """
from itsm.accounts import operations as accounts
from itsm.accounts.models import User
from itsm.kernel.actors import Actor, Door
user = User.objects.create_user("ada", "a long enough password", roles=["engineer"], email="ada@example.com")
print(accounts.issue_token(user, name="load", actor=Actor.system("test", Door.COMMAND))[1])
"""


def release(folder: Path, *migrations: str) -> Path:
    """This tree once more, with migrations of the settings beside."""
    shutil.copytree(places.ROOT, folder, symlinks=True, ignore=NOT_OF_A_RELEASE)
    (folder / ".venv").symlink_to(places.VENV.resolve())
    for name in migrations:
        shutil.copy(NEXT / f"{name}.py", folder / "itsm" / "configuration" / "migrations")
    return folder


def upgraded(before: Path, root: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "itsm.run.upgrade", before], cwd=root, env=strangers(), capture_output=True, text=True
    )


def founded(desk: WholeDesk) -> str:
    """A million rows in the table that the release to come changes, and somebody's token."""
    desk.ask(
        f"INSERT INTO configuration_setting (name, version) SELECT 'grown ' || n, 1 FROM generate_series(1, {ROWS}) n"
    )
    said = prepare.run(desk.settings, ["shell", "--no-imports", "-c", FOUND], False, -1)
    assert said.returncode == 0, said.stdout
    return said.stdout.strip().splitlines()[-1]


def test_no_request_fails_over_restarts_and_upgrades_and_a_failed_one_leaves_what_ran(
    whole: WholeDesk, tmp_path_factory: pytest.TempPathFactory
) -> None:
    desk, elsewhere = whole.up(), tmp_path_factory.mktemp("releases")
    (elsewhere / "old").mkdir()
    (elsewhere / "old" / ".run").symlink_to(desk.folder)
    eventually(lambda: desk.ask(SWEPT) is not None)
    load = Load(desk.port, founded(desk))
    good = release(elsewhere / "good", "0002_note", "0003_filled", "0004_index", "0005_held", "0006_validated")
    bad = release(elsewhere / "bad", *(f.stem for f in NEXT.glob("000[2-7]*.py")))
    marks: list[tuple[str, float]] = []

    def mark(what: str) -> None:
        marks.append((what, time.monotonic()))

    try:
        with at_work(load):
            mark("nothing else")
            eventually(lambda: len(load.took) > 200)
            for n in range(RESTARTS):
                mark(f"restart {n + 1}")
                before = desk.pid("web")
                upgrade.restart(desk.folder)
                assert desk.pid("web") != before
            mark("upgrade")
            told = upgraded(elsewhere / "old", good)
            print(told.stderr)
            assert told.returncode == 0, told.stderr + told.stdout
            assert Path(f"/proc/{desk.pid('web')}/cwd").resolve() == good.resolve()
            assert desk.ask("SELECT convalidated FROM pg_constraint WHERE conname = 'note_is_not_blank'")
            assert desk.ask("SELECT bool_and(note = 'old') FROM configuration_setting")
            assert desk.ask("SELECT count(*) FROM continuity_continuityrun WHERE what = 'upgrade' AND passed") == 1
            pids = desk.children()
            mark("an upgrade that fails")
            told = upgraded(elsewhere / "old", bad)
            assert told.returncode != 0
            assert "the release before goes on" in told.stderr
            assert desk.children() == pids
            assert desk.ask("SELECT count(*) FROM continuity_continuityrun WHERE what = 'upgrade' AND NOT passed") == 1
            seen = len(load.took)
            eventually(lambda: len(load.took) > seen + 20)
    finally:
        marks.append(("the end", time.monotonic()))
        print(f"{load.told()}; {RESTARTS} restarts, an upgrade and one that failed; {ROWS} rows; longest waits:")
        for (what, since), (_next, until) in itertools.pairwise(marks):
            print(f"  {what}: {until - since:.0f} s, longest waits {load.longest(since, until)}")
        print("\n".join(load.failed[:20]))
    assert not load.lost
    assert not load.failed
    there = desk.ask("SELECT count(*) FROM incidents_incident WHERE title LIKE 'Load %'")
    assert there == desk.ask("SELECT count(DISTINCT title) FROM incidents_incident") == len(load.made) > 0
