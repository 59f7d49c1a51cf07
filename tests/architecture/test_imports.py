"""Imports for annotations alone may name another app's model; in all else they keep the contracts of imports."""

import subprocess
import sys
from pathlib import Path

from tests.architecture.test_house_rules import ROOT

SETTING = "exclude_type_checking_imports = "
OWN_MODELS = "The models of "


def test_imports_for_annotations_go_down_as_all_others_do(tmp_path: Path) -> None:
    text = (ROOT / "pyproject.toml").read_text()
    assert f"{SETTING}true" in text
    (tmp_path / "all.toml").write_text(text.replace(f"{SETTING}true", f"{SETTING}false"))
    lint = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", "--config", str(tmp_path / "all.toml")]
    ran = subprocess.run(lint, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "Imports go down KEPT" in ran.stdout, ran.stdout + ran.stderr
    broken = [line for line in ran.stdout.splitlines() if line.endswith(" BROKEN") and not line.startswith(OWN_MODELS)]
    assert broken == [], ran.stdout
