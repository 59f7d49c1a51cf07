"""Clients that independent generators make from the schema compile, and do the README's tour on a real server.

They are generated when the tests run and thrown away; what generates them is locked (requirements-dev.txt,
tests/clients/package-lock.json). In `make test` one language, by turns. Python's has a file for each operation and shape: it is
made of the tour's operations and a tenth of the others then; TypeScript's always of all.
"""

import compileall
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from changes.change.operations import deploying
from itsm.accounts.actors import actor_for
from itsm.kernel.actors import Door
from itsm.run import assets
from tests.api.fuzzed_server import serving
from tests.api.held_to_schema import referred_to, schema
from tests.api.world import founded, token_of
from tests.slo.proving import IN_FULL, TURN, by_turns

HERE = Path(__file__).parent
MODULES = assets.CLIENTS / "node_modules"
_SAMPLED = by_turns({"python", "typescript"}, TURN)
pytestmark = [pytest.mark.heavy, pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]


@pytest.fixture
def document(tmp_path: Path) -> Path:
    file = tmp_path / "schema.json"
    file.write_text(json.dumps(schema()))
    return file


def some_of(whole: dict[str, Any]) -> dict[str, Any]:
    """The schema with the operations that the tour asks, a share of the others by turns, and what those refer to."""
    of_the_tour = set(re.findall(r"\w+", (HERE / "tour.py").read_text()))
    every = {one["operationId"] for item in whole["paths"].values() for one in item.values() if isinstance(one, dict)}
    chosen = (every & of_the_tour) | by_turns(every, TURN, one_in=10)
    paths = {
        path: {name: one for name, one in item.items() if not isinstance(one, dict) or one["operationId"] in chosen}
        for path, item in whole["paths"].items()
    }
    paths = {path: item for path, item in paths.items() if any(isinstance(one, dict) for one in item.values())}
    components = referred_to(json.dumps(paths)) | {"securitySchemes": whole["components"]["securitySchemes"]}
    return {**whole, "paths": paths, "components": components}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[list[str]]:
    """The address and the tokens of who asks, who approves and who measures."""
    world, at = founded(), timezone.now()
    author = actor_for(world.people["author"], Door.WEB)
    deploying.finish_deployment(world.running.deployments.get(), status="succeeded", actor=author, at=at)
    tokens = [token_of(world.people[name]) for name in ("author", "admin", "pipeline")]
    with serving(tmp_path) as address:
        yield [address, *tokens]


def run(command: list[str], place: Path, **surroundings: str) -> str:
    done = subprocess.run(
        command, cwd=place, env=os.environ | surroundings, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-6000:]
    return done.stdout


@pytest.mark.skipif("python" not in _SAMPLED, reason="not of this sample: make prove")
def test_a_generated_python_client_does_the_tour(desk: list[str], tmp_path: Path) -> None:
    document = tmp_path / "some.json"
    document.write_text(json.dumps(some_of(schema())))
    (tmp_path / "config.yml").write_text("post_hooks: []\n")
    run(
        [sys.executable, "-m", "openapi_python_client", "generate", "--path", str(document), "--meta", "none",
         "--config", "config.yml", "--output-path", str(tmp_path / "headroom_client")],
        tmp_path,
    )  # fmt: skip
    shutil.copy(HERE / "tour.py", tmp_path)
    assert compileall.compile_dir(tmp_path / "headroom_client", quiet=1)
    if IN_FULL:
        run([sys.executable, "-m", "mypy", "--strict", "headroom_client", "tour.py"], tmp_path)
    run([sys.executable, "tour.py", *desk], tmp_path, PYTHONPATH=str(tmp_path))


@pytest.mark.skipif("typescript" not in _SAMPLED, reason="not of this sample: make prove")
@pytest.mark.skipif(not MODULES.is_dir(), reason="`make develop` brings the generator of TypeScript clients")
def test_a_generated_typescript_client_does_the_tour(document: Path, desk: list[str], tmp_path: Path) -> None:
    (tmp_path / "node_modules").symlink_to(MODULES)
    for name in ("tour.ts", "tsconfig.json", "process.d.ts"):
        shutil.copy(HERE / name, tmp_path)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    node = assets.node()
    generator = str(MODULES / "openapi-typescript" / "bin" / "cli.js")
    run([*node, generator, str(document), "-o", "schema.d.ts", "--default-non-nullable=false"], tmp_path)
    run([*node, str(MODULES / "typescript" / "bin" / "tsc"), "--project", "tsconfig.json"], tmp_path)
    run([*node, "tour.js", *desk], tmp_path)
