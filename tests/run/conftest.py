"""A desk that is stopped again, whatever a test did to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from itsm.run import launch
from tests.run.desks import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    if made.process and made.process.poll() is None:
        made.end()
    launch.stop_orphans(tmp_path)
    # Shown with a failed test only.
    for log in [tmp_path / "words", *tmp_path.glob("*.log")]:
        print(f"{log.name}:\n{log.read_text() if log.exists() else ''}")
