"""An independent fuzzer reads the schema and asks a real server everything it can think of: no complaint is left.

schemathesis decides what to send and judges the answers: no failure of ours, nothing that the schema does not list,
no invalid input taken, no door open without a token. Only `positive_data_acceptance` is left out: what fits the schema
may still be refused by a rule of the business.

`make test` asks a twelfth of the operations a little, with each turn another twelfth as another role, with one of them also a few of
them at all the edges of their schemas; what every other test is answered is held against the schema as well. `make prove` asks every operation as each role, at all its edges and with 50 examples of the fuzzer's own, and
then walks from answer to answer, as far as it finds its way: of some 600 links it guesses, it follows a dozen at most.
About a quarter of an hour a role on a quiet core. In shares of the paths, so that two
workers take them, each with patience of its own, and one that fails is asked again alone.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from itsm.run.places import ROOT
from tests.api.fuzzed_server import schema_with, serving, with_usable_bodies
from tests.api.world import World, founded, token_of
from tests.slo.proving import TURN

IN_FULL = os.environ.get("PROOF") == "full"
SEED = "20261128"
PATIENCE = "120"  # seconds for an answer: how long one takes on a busy machine is no complaint
ROLES = ("admin", "engineer", "requester")
SHARES = 8
EACH, EXAMPLES = "examples,coverage,fuzzing", ("--max-examples", "50")
EDGES_OF_EVERY = 50  # of so many paths one is asked at all its edges, in the sample
pytestmark = [pytest.mark.heavy, pytest.mark.django_db(transaction=True), pytest.mark.timeout(7200)]


in_full = pytest.mark.skipif(not IN_FULL, reason="the sample stands in for it; run in full by `make prove`")


@in_full
@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("role", ROLES)
def test_the_fuzzer_has_no_complaint(role: str, share: int, tmp_path: Path) -> None:
    world = founded()
    asked = with_paths(schema_with(world), lambda place: place % SHARES == share)
    with serving(tmp_path) as address:
        said = fuzzed(asked, address, token_of(world.people[role]), tmp_path, "--phases", EACH, *EXAMPLES)
    assert said.returncode == 0, said.stdout[-30_000:] + said.stderr[-3_000:]


@in_full
@pytest.mark.parametrize("role", ROLES)
def test_the_fuzzer_walks_from_answer_to_answer_and_has_no_complaint(role: str, tmp_path: Path) -> None:
    world = founded()
    with serving(tmp_path) as address:
        asked, token = with_usable_bodies(schema_with(world)), token_of(world.people[role])
        said = fuzzed(asked, address, token, tmp_path, "--phases", "stateful", "--max-examples", "300")
    assert said.returncode == 0, said.stdout[-30_000:] + said.stderr[-3_000:]


def test_a_sample_of_the_fuzzer_has_no_complaint(tmp_path: Path) -> None:
    world = founded()
    whole, number = schema_with(world), TURN % len(ROLES)
    with serving(tmp_path) as address:
        said = sampled(world, whole, number, address, tmp_path)
    assert not any(run.returncode for run in said), "".join(run.stdout[-10_000:] for run in said if run.returncode)


def sampled(
    world: World, whole: dict[str, Any], number: int, address: str, folder: Path
) -> "list[subprocess.CompletedProcess[str]]":
    token = token_of(world.people[ROLES[number]])
    share = with_paths(whole, lambda place: place % (4 * len(ROLES)) == number)
    said = [fuzzed(share, address, token, folder, "--phases", "examples,fuzzing", "--max-examples", "1")]
    if number == 0:
        edges = with_paths(whole, lambda place: place % EDGES_OF_EVERY == 0)
        said.append(fuzzed(edges, address, token, folder, "--phases", "coverage"))
    return said


def with_paths(document: dict[str, Any], chosen: Callable[[int], bool]) -> dict[str, Any]:
    """The schema with those paths alone whose place in it is chosen, each with all its methods."""
    paths = {path: item for place, (path, item) in enumerate(sorted(document["paths"].items())) if chosen(place)}
    return {**document, "paths": paths}


def fuzzed(
    document: dict[str, Any], address: str, token: str, folder: Path, *words: str
) -> "subprocess.CompletedProcess[str]":
    file = folder / "schema.json"
    file.write_text(json.dumps(document))
    # One worker: Python 3.11 builds the trees of `ast.parse`, by which hypothesis describes functions, in one thread only.
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", str(file), "--url", address,
        "--header", f"Authorization: Bearer {token}", "--checks", "all",
        "--exclude-checks", "positive_data_acceptance", "--seed", SEED, "--workers", "1",
        "--suppress-health-check", "all", "--no-shrink", "--request-timeout", PATIENCE, *words,
    ]  # fmt: skip
    surroundings = os.environ | {"PYTHONPATH": str(ROOT), "SCHEMATHESIS_HOOKS": "tests.api.fuzz_hooks"}
    return subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, text=True, check=False)
