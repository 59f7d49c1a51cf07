"""What every ./manage.py pays for before it begins and after it has ended: what it does not need is not loaded, and
nothing is searched for garbage on the way out."""

import json
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections

from itsm.audit import verifying
from itsm.run import places

LOOK = """
import gc, sys, manage
sys.argv = ["manage.py", "help", "verify_audit"]
try:
    manage.main()
except SystemExit:
    pass
print("frozen" if gc.get_freeze_count() > 100_000 else "searched", gc.get_threshold()[0])
print(*(name for name in ("jinja2", "django.test", "drf_spectacular.openapi", "itsm.urls") if name in sys.modules))
"""


def test_a_command_loads_neither_addresses_nor_the_schema_and_ends_at_once() -> None:
    said = subprocess.run([sys.executable, "-c", LOOK], cwd=places.ROOT, capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    *_help, garbage, loaded = said.stdout.splitlines()
    assert garbage == "frozen 50000"
    assert loaded == "", "every command waits for it"


CHECKED = """
import json, sys, manage
from django.apps import apps
from itsm.audit import verifying
read = verifying.verify
begun = []
def verify(*args, **kwargs):
    begun.append(apps.ready)
    return read(*args, **kwargs)
verifying.verify = verify
sys.argv = ["manage.py", "verify_audit", *sys.argv[1:]]
manage.main()
print(json.dumps(begun))
"""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "after_the_apps"), [(["--json"], [False]), (["--json", "--jobs", "1"], [True])]
)  # fmt: skip
def test_a_check_of_the_history_begins_before_all_is_loaded_and_is_made_once(
    words: list[str], after_the_apps: list[bool], tmp_path: Path
) -> None:
    database = connection.settings_dict
    place = f"{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    # Anchors of another place: what was found is not kept, and the next test finds nothing of it.
    said = subprocess.run(
        [sys.executable, "-W", "error::RuntimeWarning", "-c", CHECKED, f"--anchors={tmp_path}", *words],
        cwd=places.ROOT,
        env={**os.environ, "DATABASE_URL": f"postgresql://{place}", "DATABASE_OWNER_URL": f"postgresql://{place}"},
        capture_output=True,
        text=True,
    )
    assert said.returncode == 0, said.stderr
    document, begun = said.stdout.rsplit("\n", 2)[:2]
    assert json.loads(document)["findings"] == []
    assert json.loads(begun) == after_the_apps


LET_GO = """
import sys, time, manage
from itsm.audit import verifying
def verify(since, *, jobs, told=None):
    until = time.monotonic() + 20
    try:
        while time.monotonic() < until:
            told and told(0, 1)
            time.sleep(0.01)
        print("read to its end")
    except Exception as error:
        print(type(error).__name__)
        raise
verifying.verify = verify
sys.argv = ["manage.py", "verify_audit", "--no-color", "--force-color"]
manage.main()
"""


def test_a_command_that_fails_before_it_takes_the_check_does_not_wait_for_it() -> None:
    said = subprocess.run([sys.executable, "-c", LET_GO], cwd=places.ROOT, capture_output=True, text=True)
    assert said.returncode != 0
    assert "can't be used together" in said.stderr
    assert said.stdout == "LetGo\n"


def test_whoever_has_heard_enough_of_a_check_ends_it_with_the_statements_that_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []
    closed: list[int] = []
    ends = threading.Event()

    def look(number: int) -> list[verifying.Finding]:
        asked.append(number)
        assert number == 0 or ends.wait(20)
        return []

    class Pool(ThreadPoolExecutor):
        def submit(self, work: Any, *given: Any) -> Any:  # type: ignore[override]
            if work is close:
                ends.set()
            return super().submit(work, *given)

    def close() -> None:
        closed.append(1)

    monkeypatch.setattr(connections, "close_all", close)
    monkeypatch.setattr(verifying, "ThreadPoolExecutor", Pool)
    found = verifying._done([partial(look, number) for number in range(100)], 2)
    assert next(iter(found)) == []
    found.close()  # type: ignore[attr-defined]
    assert len(closed) == 2
    assert {*asked} <= {0, 1, 2}
