"""What went out while the desk could not be asked, as the command says it afterwards."""

from typing import Any

import pytest

from changes.models import DeploymentEvent
from tests.changes.pipelines.conftest import DIGEST, Run
from tests.changes.pipelines.test_headroom import GITHUB


@pytest.mark.django_db(transaction=True)
def test_what_was_deployed_blind_is_listed_apart_and_once(run: Run, desk: str, secret: str, checkout: Any) -> None:
    env = {"HEADROOM_URL": desk, "HEADROOM_TOKEN": secret, **GITHUB}
    words = ("report", "succeeded", "--service", "checkout", "--digest", DIGEST, "--version", "4.2", "--json")
    for _ in range(2):
        said = run(*words, **env)
        assert (said.code, said.body["standing"]) == (0, "blind"), said
    event = DeploymentEvent.objects.get()
    assert (event.told_by, event.environment, event.version, event.result) == (
        "report",
        "production",
        "4.2",
        "succeeded",
    )
    assert event.url == "https://github.com/acme/checkout/actions/runs/77"
    # A run that the gate answered was not blind, whatever it says.
    asked, other = {**env, "GITHUB_RUN_ID": "78"}, f"sha256:{8:064x}"
    assert run("open", "--service", "checkout", "--digest", other, **asked).code == 0
    said = run("report", "succeeded", "--service", "checkout", "--digest", other, "--json", **asked)
    assert said.code == 0
    assert said.body["standing"] != "blind"
