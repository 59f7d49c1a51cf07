"""The ready pieces for platforms: each is run as its platform would, against the desk over HTTP."""

import os
import re
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.utils import timezone

from changes.models import Deployment, Evaluation
from changes.pipelines.formats import pieces
from itsm.accounts.models import User
from itsm.workload_identity.models import TrustedIssuer, WorkloadMapping
from tests.changes.pipelines.conftest import DIGEST
from tests.factories.changes import a_model
from tests.itsm.scripted_server import Asked, Reply, scripted
from tests.itsm.workload_identity.issuer import Issuer, playing

WORKS, FAILS = "#!/bin/sh\nexit 0\n", "#!/bin/sh\nexit 3\n"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """The folder of a repository, whose deployment works."""
    _deploys(tmp_path, WORKS)
    return tmp_path


def _deploys(folder: Path, script: str) -> None:
    (folder / "deploy.sh").write_text(script)
    (folder / "deploy.sh").chmod(0o755)


@pytest.fixture
def piece(desk: str, checkout: Any) -> Callable[[str], str]:
    """The text of a piece of the service checkout, for an environment in which the gate approves by itself."""
    made = {
        one.name: one.text for one in pieces(url=desk, service="checkout", environment="staging", change_class="normal")
    }
    return made.__getitem__


def sh(script: str, here: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script], cwd=here, capture_output=True, text=True, timeout=120,
        env={"PATH": os.environ["PATH"], "DIGEST": DIGEST} | env,
    )  # fmt: skip


@pytest.fixture
def platform(desk: str, pipeline: User, admin: User, settings: Any) -> Iterator[Issuer]:
    """An issuer that the desk trusts, whose workloads of acme/checkout come in as the pipeline."""
    with playing() as issuer:
        settings.OUTGOING_ALLOW = [f"127.0.0.1:{issuer.server.port}"]
        at = timezone.now()
        trusted = TrustedIssuer.objects.create(
            name="CI", issuer=issuer.url, trusted_by=admin, asked_at=at, trusted_at=at
        )
        WorkloadMapping.objects.create(
            issuer=trusted, claims={"repository": "acme/checkout"}, account=pipeline, mapped_by=admin, asked_at=at,
            trusted_at=at,
        )  # fmt: skip
        yield issuer


def ended(status: str, *, by: User) -> None:
    """One question, one deployment that ended so, in the pipeline's name."""
    assert Evaluation.objects.get().requested_by == by
    assert Deployment.objects.get().status == status


@pytest.mark.django_db(transaction=True)
class TestRun:
    @pytest.mark.parametrize(("script", "status"), [(WORKS, "succeeded"), (FAILS, "failed")])
    def test_github_actions_without_a_secret(
        self,
        piece: Callable[[str], str],
        here: Path,
        platform: Issuer,
        desk: str,
        pipeline: User,
        script: str,
        status: str,
    ) -> None:
        _deploys(here, script)
        usual = platform.answer

        def answer(asked: Asked) -> Reply:
            if not asked.path.startswith("/id-token"):
                return usual(asked)
            assert asked.headers["Authorization"] == "Bearer of-the-runner"
            audience = urllib.request.unquote(asked.path.partition("audience=")[2])  # type: ignore[attr-defined]
            return Reply(200, f'{{"value": "{platform.token(aud=audience)}"}}'.encode())

        platform.server.answer = answer
        env = {
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{platform.url}/id-token?x=1", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "of-the-runner",
            "GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "acme/checkout", "GITHUB_RUN_ID": "9",
            "GITHUB_RUN_ATTEMPT": "1", "GITHUB_JOB": "deliver", "GITHUB_SERVER_URL": "https://github.com",
        }  # fmt: skip
        outcomes = _run_github(yaml.safe_load(piece("github")), here, env)
        assert outcomes["gate"] == outcomes["start"] == "success", outcomes
        assert outcomes["deploy"] == ("success" if script == WORKS else "failure")
        assert outcomes["Say how it ended"] == "success", outcomes
        ended(status, by=pipeline)

    def test_gitlab_without_a_secret(
        self, piece: Callable[[str], str], here: Path, platform: Issuer, desk: str, pipeline: User
    ) -> None:
        job = yaml.safe_load(piece("gitlab"))["deliver"]
        tokens = {name: platform.token(aud=one["aud"]) for name, one in job["id_tokens"].items()}
        env = {"GITLAB_CI": "true", "CI_PROJECT_PATH": "acme/checkout", "CI_PIPELINE_ID": "5", "CI_JOB_ID": "6"}
        done = sh("\n".join(job["script"]), here, env | job["variables"] | tokens)
        assert done.returncode == 0, done.stderr
        ended("succeeded", by=pipeline)
        assert Evaluation.objects.get().pipeline["run_id"] == "5"

    def test_a_desk_that_is_gone_stops_it_or_not_as_was_said(
        self, piece: Callable[[str], str], here: Path, command: Path, secret: str
    ) -> None:
        _deploys(here, "#!/bin/sh\necho out >> went\n")
        job = yaml.safe_load(piece("gitlab"))["deliver"]
        script = "\n".join(line for line in job["script"] if not line.startswith("curl"))
        with scripted() as server:
            gone = server.url
        env = job["variables"] | {"HEADROOM_URL": gone, "HEADROOM_TOKEN": secret}
        fast = script.replace("evaluate", "evaluate --patience 0")
        fast = re.sub(r"report (started|\"\$ended\")", r"report \1 --patience 0", fast)
        assert sh(fast, here, env).returncode == 4
        assert not (here / "went").exists()
        allowed = sh(fast, here, env | {"HEADROOM_ON_ERROR": "allow"})
        assert allowed.returncode == 0, allowed.stderr
        assert (here / "went").read_text() == "out\n"

    @pytest.mark.parametrize(("script", "status"), [(WORKS, "succeeded"), (FAILS, "failed")])
    def test_jenkins(
        self, piece: Callable[[str], str], here: Path, secret: str, pipeline: User, script: str, status: str
    ) -> None:
        _deploys(here, script)
        text = piece("jenkins")
        env = dict(re.findall(r"^ +(HEADROOM_\w+) = '([^']*)'$", text, re.MULTILINE)) | {
            "HEADROOM_TOKEN": secret, "JENKINS_URL": "https://ci.example/", "BUILD_NUMBER": "3", "JOB_NAME": "checkout",
        }  # fmt: skip
        ask, deploy = re.findall(r"sh '''\n(.*?)'''", text, re.DOTALL)
        asked = sh(ask, here, env)
        assert asked.returncode == 0, asked.stderr
        worked = sh(deploy, here, env).returncode == 0
        after = dict(re.findall(r"(success|failure) \{\s+sh '([^\n]*)'\n", text))
        told = sh(after["success" if worked else "failure"], here, env)
        assert told.returncode == 0, told.stderr
        ended(status, by=pipeline)

    def test_plain_curl(self, piece: Callable[[str], str], here: Path, secret: str, pipeline: User) -> None:
        if not shutil.which("jq"):
            pytest.skip("jq is not installed (Debian: apt-get install jq)")
        (here / "deliver.sh").write_text(piece("curl"))
        done = subprocess.run(
            ["sh", "deliver.sh"], cwd=here, capture_output=True, text=True, timeout=120,
            env={"PATH": os.environ["PATH"], "DIGEST": DIGEST, "HEADROOM_TOKEN": secret, "RUN": "1", "PAUSE": "0"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "approved" in done.stdout
        ended("succeeded", by=pipeline)

    def test_argo_rollouts(self, piece: Callable[[str], str], secret: str, desk: str) -> None:
        """Its web metric, evaluated as Argo does; in production nothing is measured, so people decide: a pause."""
        template = yaml.safe_load(piece("argo"))
        assert template["metadata"]["name"] == "headroom-checkout"
        assert _analysed(template, secret) == "Successful"
        template["spec"]["metrics"][0]["provider"]["web"]["url"] = (
            f"{desk}/api/v1/services/checkout/gate/?environment=production&change_class=standard"
        )
        assert _analysed(template, secret) == "Inconclusive"
        assert _analysed(template, "hr_no.no") == "Error"
        assert not Evaluation.objects.exists()  # asked as often as one likes, nothing is opened


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [
        (200, '{"status": "approved"}', "Successful"),
        (200, '{"status": "rejected"}', "Failed"),
        (200, '{"status": "pending"}', "Inconclusive"),
        (200, '{"status": "error"}', "Inconclusive"),
        (200, '{"status": "expired"}', "Inconclusive"),
        (200, '{"status": true}', "Inconclusive"),
        (200, "{}", "Error"),
        (200, "approved", "Error"),
        (401, '{"status": "approved"}', "Error"),
        (503, '{"status": "approved"}', "Error"),
    ],
)
def test_for_argo_nothing_but_approved_is_success(status: int, body: str, verdict: str) -> None:
    with scripted() as server:
        server.answer = lambda asked: Reply(status, body.encode())
        (argo,) = (
            one.text
            for one in pieces(url=server.url, service="x", environment="production", change_class="standard")
            if one.name == "argo"
        )
        assert _analysed(yaml.safe_load(argo), "t") == verdict


def _analysed(template: Any, token: str) -> str:
    """One measurement of Argo Rollouts' web provider: its URL, headers, jsonPath of one name, and two conditions."""
    import json

    (metric,) = template["spec"]["metrics"]
    web = metric["provider"]["web"]
    assert (web["method"], metric["count"], metric["failureLimit"], metric["inconclusiveLimit"]) == ("GET", 1, 0, 0)
    headers = {one["key"]: one["value"].replace("{{args.token}}", token) for one in web["headers"]}
    try:
        with urllib.request.urlopen(urllib.request.Request(web["url"], headers=headers), timeout=30) as answer:
            said = json.loads(answer.read())
        name = re.fullmatch(r"\{\$\.(\w+)\}", web["jsonPath"])
        assert name
        result = said[name[1]]
    except (urllib.error.URLError, ValueError, KeyError):
        return "Error"
    expected = {
        verdict: re.fullmatch(r'result == "(\w+)"', metric[condition])
        for verdict, condition in (("Successful", "successCondition"), ("Failed", "failureCondition"))
    }
    return next((verdict for verdict, word in expected.items() if word and result == word[1]), "Inconclusive")


def _run_github(workflow: Any, here: Path, env: dict[str, str]) -> dict[str, str]:
    """The steps of its one job as the runner takes them: outputs, outcomes, and `always()`. Outcomes by id or name."""
    (job,) = workflow["jobs"].values()
    assert workflow["permissions"]["id-token"] == "write"
    outputs: dict[str, dict[str, str]] = {}
    outcomes: dict[str, str] = {}
    failed = False

    def filled(text: str) -> str:
        def value(match: re.Match[str]) -> str:
            words = match[1].split(".")
            if words[0] == "inputs":
                return DIGEST
            return outputs[words[1]].get(words[3], "") if words[2] == "outputs" else outcomes[words[1]]

        return re.sub(r"\$\{\{ ([\w.-]+) \}\}", value, text)

    for step in job["steps"]:
        known = step.get("id") or step["name"]
        if failed and not (step.get("if", "").startswith("always()") and outcomes.get("start") == "success"):
            outcomes[known] = "skipped"
            continue
        path = here / f"out-{len(outcomes)}"
        given = {name: filled(value) for name, value in {**job["env"], **step.get("env", {})}.items()}
        done = sh(step["run"], here, env | given | {"GITHUB_OUTPUT": str(path)})
        outcomes[known] = "success" if done.returncode == 0 else "failure"
        failed = failed or done.returncode != 0
        lines = path.read_text().splitlines() if path.exists() else []
        outputs[known] = dict(line.split("=", 1) for line in lines)
    return outcomes


@pytest.mark.django_db
def test_it_asks_as_a_standard_change_where_a_model_takes_it(
    checkout: Any, owning: Any, web: Any, engineer: User
) -> None:
    page = f"/changes/deliver/{checkout.slug}/"
    assert "evaluate --class normal" in web(engineer).get(page).content.decode()
    a_model(checkout, owning, timezone.now())
    assert "evaluate --class normal" not in (found := web(engineer).get(page).content.decode())
    assert found.count("evaluate --class standard") == 3
