"""Nobody looks for garbage while tests are collected, which is a tenth of what that takes: nearly all of it stays.

In a fresh clone one worker collects first, so that the others read what it compiled.

pytest rewrites the assertions of each module of tests when it is first imported, which takes 15 seconds of CPU for all
of them, and workers that begin together would each do it. Where that was done before, nobody waits.
"""

import fcntl
import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

_IN_TURN = "COLLECT_IN_TURN"
gc.disable()


def is_compiled(folder: Path) -> bool:
    """Whether pytest left a module of tests below this folder that it has rewritten."""
    return next(folder.glob("*/**/__pycache__/test_*-pytest-*.pyc"), None) is not None


@contextmanager
def turn(place: Path) -> Iterator[None]:
    """Whoever comes first is alone; who comes meanwhile waits for that one, and then for nobody."""
    with place.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(lock, fcntl.LOCK_SH)
        yield


def pytest_configure(config: pytest.Config) -> None:
    """Whoever starts the workers looks: the first of them would change what the next one finds."""
    if not hasattr(config, "workerinput") and not is_compiled(Path(__file__).parent):
        os.environ[_IN_TURN] = "1"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection(session: pytest.Session) -> Iterator[Any]:
    try:
        if not (hasattr(session.config, "workerinput") and _IN_TURN in os.environ):
            return (yield)
        with turn(Path(settings.FILES_DIR).parent / f"collecting-{os.environ['PYTEST_XDIST_TESTRUNUID']}"):
            return (yield)
    finally:
        gc.enable()
