"""The whole desk under load: started anew again and again, upgraded to a release to come, kept where that fails.

In full (`make prove`); what it is made of is tested one by one in test_relief and itsm/continuity/test_applying.
"""

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from itsm.run import places, upgrade
from itsm.run.noting import Told
from tests.run.desks import eventually, strangers
from tests.run.test_faults import SWEPT, WholeDesk, whole
from tests.run.test_relief import asking

__all__ = ["whole"]  # the fixture
pytestmark = [
    pytest.mark.heavy,
    pytest.mark.timeout(1500),
    pytest.mark.skipif(os.environ.get("PROOF") != "full", reason="minutes: make prove"),
]
NOT_OF_A_RELEASE = shutil.ignore_patterns(
    ".venv", ".run", ".cache", ".git", "backups", "node_modules", "__pycache__", "staticfiles"
)
NEXT = places.ROOT / "tests" / "itsm" / "continuity" / "next_release" / "migrations"
RESTARTS = 5


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


def test_no_request_fails_over_restarts_and_upgrades_and_a_failed_one_leaves_what_ran(
    whole: WholeDesk, tmp_path_factory: pytest.TempPathFactory
) -> None:
    desk, elsewhere = whole.up(), tmp_path_factory.mktemp("releases")
    (elsewhere / "old").mkdir()
    (elsewhere / "old" / ".run").symlink_to(desk.folder)
    eventually(lambda: desk.ask(SWEPT) is not None)
    with asking(desk.port) as came:
        for _ in range(RESTARTS):
            before = desk.pid("web")
            upgrade.go_on(desk.folder, places.ROOT, Told("upgrade", datetime.now(UTC)))
            assert desk.pid("web") != before
        good = release(elsewhere / "good", "0002_note", "0003_filled", "0004_index", "0005_held", "0006_validated")
        told = upgraded(elsewhere / "old", good)
        assert told.returncode == 0, told.stderr + told.stdout
        assert Path(f"/proc/{desk.pid('web')}/cwd").resolve() == good.resolve()
        assert desk.ask("SELECT convalidated FROM pg_constraint WHERE conname = 'note_is_not_blank'")
        assert desk.ask("SELECT count(*) FROM continuity_continuityrun WHERE what = 'upgrade' AND passed") == 1
        pids = desk.children()
        bad = release(elsewhere / "bad", *(f.stem for f in NEXT.glob("000[2-7]*.py")))
        told = upgraded(elsewhere / "old", bad)
        assert told.returncode != 0
        assert "the release before goes on" in told.stderr
        assert desk.children() == pids
        assert desk.ask("SELECT count(*) FROM continuity_continuityrun WHERE what = 'upgrade' AND NOT passed") == 1
        seen = len(came)
        eventually(lambda: len(came) > seen + 20)
    print(f"{len(came)} requests, {came.count(False)} failed, over {RESTARTS} restarts, an upgrade and one that failed")
    assert came.count(False) == 0
