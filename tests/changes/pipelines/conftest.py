"""A desk that answers over HTTP, and the command as a pipeline runs it: fetched from there, by a Python of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from changes.pipelines import queries
from itsm.accounts.models import User
from itsm.accounts.operations.ways_in import issue_token
from itsm.kernel.actors import Actor
from tests.factories.slo import a_service

DIGEST = f"sha256:{7:064x}"


@dataclass
class Said:
    code: int
    out: str
    err: str

    @property
    def body(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Said]


@pytest.fixture
def command(tmp_path: Path) -> Path:
    """As it lies in a pipeline's folder."""
    path = tmp_path / "headroom"
    path.write_bytes(queries.command())
    return path


@pytest.fixture
def run(command: Path) -> Run:
    """Run it; nothing of this machine's environment is there but what is given."""

    def ran(*words: str, **environment: str) -> Said:
        done = subprocess.run(
            [sys.executable, "-I", str(command), *words], capture_output=True, text=True, timeout=120,
            env={"PATH": os.environ["PATH"]} | environment,
        )  # fmt: skip
        return Said(done.returncode, done.stdout, done.stderr)

    return ran


@pytest.fixture
def desk(live_server: Any, settings: Any) -> str:
    settings.BASE_URL = live_server.url
    return str(live_server.url)


@pytest.fixture
def secret(pipeline: User) -> str:
    return issue_token(pipeline, actor=Actor.system("test"), name="ci", allowed=["read", "gate:ask"])[1]


@pytest.fixture
def checkout(db: None) -> Any:
    return a_service(slug="checkout")
