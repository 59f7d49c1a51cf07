"""The command `headroom` as a pipeline uses it: fetched, checked, run against the desk over HTTP."""

import ast
import hashlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from changes.change.operations import people_decide
from changes.models import Change, Deployment, Evaluation
from changes.pipelines import queries
from itsm.accounts.models import User
from tests.changes.pipelines.conftest import DIGEST, Run
from tests.factories.changes import a_measured_service, a_model, ask, ran, restate, start
from tests.itsm.scripted_server import Asked, Reply, scripted

HEADER = "Idempotency-Key"
ALLOWED = set(sys.stdlib_module_names) | {"__future__"}
GITHUB = {
    "GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "acme/checkout", "GITHUB_WORKFLOW": "deploy", "GITHUB_RUN_ID": "77",
    "GITHUB_RUN_ATTEMPT": "1", "GITHUB_JOB": "production", "GITHUB_SHA": "a" * 40,
    "GITHUB_SERVER_URL": "https://github.com",
}  # fmt: skip


def test_it_is_one_file_of_the_standard_library_for_python_3_8() -> None:
    tree = ast.parse(queries.command(), feature_version=(3, 8))
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imported} <= ALLOWED
    # What came later than 3.8 and is no syntax: methods, and annotations that are evaluated.
    text = queries.command().decode()
    assert "from __future__ import annotations" in text
    for later in ("removeprefix", "removesuffix", "zip(strict", "datetime.UTC", "functools import cache"):
        assert later not in text


@pytest.mark.django_db
def test_the_desk_serves_it_with_its_checksum_to_whoever_asks(client: Client, tmp_path: Path) -> None:
    answer = client.get("/headroom")
    assert answer.status_code == 200
    assert answer.content == queries.command()
    said = client.get("/headroom.sha256").content.decode()
    assert said == f"{hashlib.sha256(answer.content).hexdigest()}  headroom\n"
    (tmp_path / "headroom").write_bytes(answer.content)
    (tmp_path / "headroom.sha256").write_text(said)
    checked = subprocess.run(["sha256sum", "--check", "headroom.sha256"], cwd=tmp_path, capture_output=True, text=True)
    assert (checked.returncode, checked.stdout) == (0, "headroom: OK\n")
    assert client.get("/headroom", headers={"if-none-match": answer["ETag"]}).status_code == 304
    assert client.post("/headroom").status_code == 405


@pytest.mark.django_db(transaction=True)
class TestAgainstTheDesk:
    def test_a_change_is_asked_about_started_and_ended(
        self, run: Run, desk: str, secret: str, checkout: Any, tmp_path: Path
    ) -> None:
        """The whole way of a pipeline, and each step of it sent twice makes one record."""
        outputs = tmp_path / "outputs"
        env = {"HEADROOM_URL": desk, "HEADROOM_TOKEN": secret, "GITHUB_OUTPUT": str(outputs), **GITHUB}
        asks = ("evaluate", "--service", "checkout", "--environment", "staging", "--digest", DIGEST, "--version", "4.2")
        said = run(*asks, **env)
        assert (said.code, said.err) == (0, ""), said
        change = Change.objects.get()
        evaluation = Evaluation.objects.get()
        assert change.summary == "Deploy checkout 4.2"
        assert change.commit == "a" * 40
        assert evaluation.pipeline["run_id"] == "77"
        assert said.out.startswith(f"{change.reference} approved")
        assert outputs.read_text() == f"status=approved\nevaluation={evaluation.pk}\nchange={change.reference}\n"
        again = run(*asks, "--json", **env)
        assert (again.code, again.body["id"]) == (0, str(evaluation.pk))
        assert Evaluation.objects.count() == 1

        start = ("report", "started", "--change", change.reference, "--digest", DIGEST)
        for _ in range(2):
            assert run(*start, **env).code == 0
        deployment = Deployment.objects.get()
        assert deployment.url == "https://github.com/acme/checkout/actions/runs/77"
        stage = run(
            "report", "stage", "--change", change.reference, "--stage", "10 %", "--percent", "10", "--json", **env
        )
        assert (stage.code, stage.body["answer"]) == (0, "go_on")
        assert run("wait", "--change", change.reference, "--timeout", "0", **env).code == 3  # it runs, and is watched
        ended = run("report", "succeeded", "--change", change.reference, "--deployment", "1", "--json", **env)
        assert (ended.code, ended.body["status"]) == (0, "succeeded")
        twisted = run("report", "failed", "--change", change.reference, **env)
        assert twisted.code == 2
        assert "already" in twisted.err

    def test_a_rollout_is_asked_stage_by_stage_and_is_called_back(
        self,
        run: Run,
        desk: str,
        secret: str,
        pipeline: User,
        owner: User,
        as_actor: Callable[..., Any],
        tmp_path: Path,
    ) -> None:
        """Exit 1 with what worked before, as soon as its service burns: at the next stage, and to who only watches."""
        asking, now = as_actor(pipeline), timezone.now()
        service = a_measured_service(at=now - timedelta(hours=2))
        a_model(service, as_actor(owner), at=now - timedelta(hours=2))
        good = ask(service, asking, at=now - timedelta(hours=2), change_class="standard", artifact_version="4.1")
        before = ran(good.change, asking, now - timedelta(hours=2))
        restate(service, "healthy", now)
        change = ask(service, asking, at=now, change_class="standard", artifact_digest=DIGEST).change
        start(change, asking, now)
        outputs = tmp_path / "outputs"
        env = {"HEADROOM_URL": desk, "HEADROOM_TOKEN": secret, "HEADROOM_OUTPUT": str(outputs)}
        stage = ("report", "stage", "--change", change.reference, "--percent", "10", "--stage")
        went = run(*stage, "10%", **env)
        assert went.code == 0, went
        assert run("wait", "--change", change.reference, "--timeout", "0", **env).code == 3  # the watch goes on
        restate(service, "no_data", timezone.now())
        held = run(*stage, "20%", "--timeout", "0", **env)
        assert (held.code, "hold. " in held.err) == (3, True), held
        restate(service, "burning_fast", timezone.now())
        outputs.unlink()
        called = run(*stage, "50%", **env)
        assert called.code == 1, called
        assert f"Back to: {before.artifact_digest}" in called.err
        assert called.out.count(f"headroom evaluate --service {service.slug} --environment production --purpose") == 1
        way = f"--exception rollback_of={change.reference} --digest {before.artifact_digest} --version 4.1\n"
        assert called.out.count(way) == 1
        assert way not in called.err
        assert f"roll_back_to={before.artifact_digest}" in outputs.read_text().split()
        watched = run("wait", "--change", change.reference, "--json", **env)
        assert (watched.code, watched.body["roll_back"]["to"]["version"]) == (1, "4.1")
        assert run("report", "stage", "--change", change.reference, **env).code == 2

    def test_people_decide_while_it_waits(
        self, run: Run, desk: str, secret: str, checkout: Any, approver: User, as_actor: Callable[..., Any]
    ) -> None:
        env = {"HEADROOM_URL": desk, "HEADROOM_TOKEN": secret}
        opened = run("open", "--service", "checkout", "--digest", DIGEST, "--backout", "Back", "--json", **env)
        assert (opened.code, opened.body["status"]) == (0, "pending"), opened
        timed_out = run("wait", opened.body["id"], "--timeout", "0", **env)
        assert timed_out.code == 3
        answers: list[Any] = []
        began = time.monotonic()
        waiting = threading.Thread(target=lambda: answers.append(run("wait", opened.body["id"], **env)))
        waiting.start()
        change = Change.objects.get()
        _until_somebody_waits()
        people_decide.decide_by_person(
            change, actor=as_actor(approver), at=timezone.now(), decision="decline", comment="Not today"
        )
        waiting.join()
        assert answers[0].code == 1, answers
        assert "Not today" in answers[0].out or "rejected" in answers[0].out
        assert time.monotonic() - began < 20  # told of it, and not when 25 seconds were over

    def test_what_is_wrong_is_said_in_words_and_with_code_2(
        self, run: Run, desk: str, secret: str, checkout: Any
    ) -> None:
        env = {"HEADROOM_URL": desk, "HEADROOM_TOKEN": secret}
        unknown = run("evaluate", "--service", "chekout", "--json", **env)
        assert unknown.code == 2
        assert "checkout" in unknown.err  # what was probably meant
        assert unknown.body["exit"] == 2
        assert run("evaluate", "--service", "checkout", HEADROOM_URL=desk, HEADROOM_TOKEN="hr_no.no").code == 2
        assert run("evaluate", "--service", "checkout", HEADROOM_URL=desk).code == 2
        assert run("evaluate", "--service", "checkout", HEADROOM_URL="desk", HEADROOM_TOKEN=secret).code == 2
        assert run("evaluate", "--colour", "red", **env).code == 2
        assert run("report", "succeeded", **env).code == 2
        assert run("wait", "../changes", **env).code == 2

    def test_an_attestation_is_made_by_who_may(
        self, run: Run, desk: str, pipeline: User, checkout: Any, api: Any, secret: str
    ) -> None:
        words = ("attest", "--service", "checkout", "--digest", DIGEST, "--about", "tests", "--passed", "120")
        refused = run(*words, HEADROOM_URL=desk, HEADROOM_TOKEN=secret)
        assert refused.code == 2  # a token that only asks vouches for nothing
        client = api(pipeline, "changes:write")
        token = client._credentials["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
        for _ in range(2):
            assert run(*words, "--key", "one", HEADROOM_URL=desk, HEADROOM_TOKEN=token).code == 0
        assert api(pipeline, "read").get("/api/v1/attestations/").json()["results"][0]["passed"] == 120


def _until_somebody_waits() -> None:
    from changes.change.queries.waiting import for_answers

    for _ in range(600):
        if for_answers._who:
            return
        time.sleep(0.05)
    raise AssertionError("nobody waits")


class TestAgainstAServerThatFails:
    """A server that plays what goes wrong, and keeps what it was asked."""

    def test_one_key_is_kept_until_the_answer_comes_and_retry_after_is_kept(self, run: Run) -> None:
        def answer(asked: Asked) -> Reply:
            if len(server.asked) == 1:
                return Reply(503, b'{"detail": "Restarting."}', {"Retry-After": "1"})
            if len(server.asked) == 2:
                return Reply(502, b"<html>", {})
            return Reply(201, json.dumps({"id": "x", "status": "approved", "reasons": []}).encode())

        with scripted() as server:
            server.answer = answer
            began = time.monotonic()
            said = run("evaluate", "--service", "checkout", HEADROOM_URL=server.url, HEADROOM_TOKEN="t")
            keys = {asked.headers[HEADER] for asked in server.asked}
            assert (said.code, len(server.asked), len(keys)) == (0, 3, 1)
            assert time.monotonic() - began >= 1.0
            bodies = {asked.body for asked in server.asked}
            assert len(bodies) == 1
        assert "Restarting" in said.err

    def test_two_runs_have_two_keys_and_one_step_of_a_run_has_one(self, run: Run) -> None:
        with scripted() as server:
            server.answer = lambda asked: Reply(201, b'{"id": "x", "status": "approved", "reasons": []}')
            env = {"HEADROOM_URL": server.url, "HEADROOM_TOKEN": "t"}
            for more in ({}, {}, GITHUB, GITHUB, GITHUB | {"GITHUB_RUN_ATTEMPT": "2"}):
                assert run("open", "--service", "checkout", **env, **more).code == 0
            one, two, three, four, five = (asked.headers[HEADER] for asked in server.asked)
        assert one != two
        assert three == four != five

    @pytest.mark.parametrize(("on_error", "code"), [("block", 4), ("allow", 0)])
    def test_a_server_that_is_gone_stops_or_not_as_was_said(self, run: Run, on_error: str, code: int) -> None:
        with scripted() as server:
            url = server.url
        words = ("evaluate", "--service", "checkout", "--patience", "0", "--on-error", on_error, "--json")
        said = run(*words, HEADROOM_URL=url, HEADROOM_TOKEN="t")
        assert said.code == code
        assert said.body["exit"] == code
        assert ("going on all the same" in said.err) == (on_error == "allow")

    def test_a_stage_that_is_held_is_asked_again_and_one_that_burns_goes_back(self, run: Run, tmp_path: Path) -> None:
        said = [
            {"answer": "hold", "because": "no data", "roll_back": None},
            {"answer": "go_on", "roll_back": None},
            {
                "answer": "roll_back",
                "roll_back": {"rollback_of": "CHG-1", "because": "it burns", "to": {"digest": DIGEST}},
            },
        ]
        with scripted() as server:
            server.answer = lambda asked: Reply(
                200, json.dumps(said[len(server.asked) - 1]).encode(), {"Retry-After": "1"}
            )
            words = ("report", "stage", "--change", "CHG-1", "--deployment", "2", "--stage", "10 %")
            out = tmp_path / "out"
            env = {"HEADROOM_URL": server.url, "HEADROOM_TOKEN": "t", "HEADROOM_OUTPUT": str(out)}
            assert run(*words, **env).code == 0
            assert len(server.asked) == 2
            back = run(*words, **env)
            assert {asked.path for asked in server.asked} == {"/api/v1/changes/CHG-1/deployments/2/stages/"}
        assert back.code == 1
        assert f"Back to: {DIGEST}" in back.err
        assert f"roll_back_to={DIGEST}\n" in out.read_text()

    def test_what_is_watched_and_burns_goes_back(self, run: Run) -> None:
        with scripted() as server:
            body = {"number": 1, "status": "succeeded", "watched_until": "2020-01-01T00:00:00Z", "roll_back": None}
            server.answer = lambda asked: Reply(200, json.dumps(body).encode())
            env = {"HEADROOM_URL": server.url, "HEADROOM_TOKEN": "t"}
            assert run("wait", "--change", "CHG-1", **env).code == 0
            body["roll_back"] = {"rollback_of": "CHG-1", "because": "it burns", "to": None}
            assert run("wait", "--change", "CHG-1", **env).code == 1
            body |= {"roll_back": None, "status": "failed", "watched_until": "2999-01-01T00:00:00Z"}
            assert run("wait", "--change", "CHG-1", "--timeout", "1", **env).code == 1
            body |= {
                "roll_back": {"to": {"digest": DIGEST, "version": "9.6"}, "rollback_of": "CHG-1"},
                "status": "started",
            }
            way = f"rollback_of=CHG-1 --digest {DIGEST} --version 9.6\n"
            assert way in run("wait", "--change", "CHG-1", **env).out
            body["status"] = "rolled_back"
            assert "evaluate" not in run("report", "rolled_back", "--change", "CHG-1", **env).out
            assert run("wait", **env).code == 2
            assert run("report", "stage", **env).code == 2

    @pytest.mark.parametrize("body", ["[]", '{"service": "checkout", "pipeline": null}', "nonsense"])
    def test_a_file_that_is_no_body_is_used_wrongly(self, run: Run, tmp_path: Path, body: str) -> None:
        (tmp_path / "body").write_text(body)
        env = {"HEADROOM_URL": "http://127.0.0.1:9", "HEADROOM_TOKEN": "t"}
        assert run("open", "--file", str(tmp_path / "body"), "--patience", "0", **env).code == 2

    def test_what_was_deployed_blind_is_said_afterwards_under_the_runs_name(self, run: Run) -> None:
        with scripted() as server:
            server.answer = lambda asked: Reply(201, b'{"id": 1}')
            env = {"HEADROOM_URL": server.url, "HEADROOM_TOKEN": "t", **GITHUB}
            words = ("report", "succeeded", "--service", "checkout", "--digest", DIGEST)
            for _ in range(2):
                assert run(*words, **env).code == 0
            one, two = server.asked
        assert (one.path, one.headers[HEADER]) == ("/api/v1/deployments/", two.headers[HEADER])
        assert json.loads(one.body) == {
            "blind": True, "service": "checkout", "environment": "production", "result": "succeeded", "version": "",
            "artifact_digest": DIGEST, "commit": "a" * 40, "repository": "acme/checkout", "run_id": "77",
            "url": "https://github.com/acme/checkout/actions/runs/77",
        }  # fmt: skip

    @pytest.mark.parametrize("status", ["rejected", "expired", "cancelled"])
    def test_on_error_allow_lets_nothing_through_that_was_answered(self, run: Run, status: str) -> None:
        with scripted() as server:
            server.answer = lambda asked: Reply(201, json.dumps({"id": "x", "status": status, "reasons": []}).encode())
            said = run(
                "evaluate", "--service", "checkout", "--on-error", "allow", HEADROOM_URL=server.url, HEADROOM_TOKEN="t"
            )
        assert said.code == 1

    @pytest.mark.parametrize(
        "body", [b"", b"[]", b"null", b"{}", b'{"status": 1}', b'{"status": "fine"}', b"\xff\xfe", b'{"status": "pend']
    )
    def test_an_odd_answer_is_no_approval(self, run: Run, body: bytes) -> None:
        with scripted() as server:
            server.answer = lambda asked: Reply(201, body)
            said = run("evaluate", "--service", "checkout", HEADROOM_URL=server.url, HEADROOM_TOKEN="t")
        assert said.code == 4

    def test_a_redirect_gets_no_token(self, run: Run) -> None:
        with scripted() as other, scripted() as server:
            server.answer = lambda asked: Reply(302, b"", {"Location": other.url})
            said = run("evaluate", "--service", "checkout", HEADROOM_URL=server.url, HEADROOM_TOKEN="t")
            assert other.asked == []
        assert said.code == 2

    def test_the_token_is_never_shown(self, run: Run) -> None:
        with scripted() as server:
            server.answer = lambda asked: Reply(403, b'{"detail": "No."}')
            said = run(
                "evaluate", "--service", "checkout", "--json", HEADROOM_URL=server.url, HEADROOM_TOKEN="hr_abc.secret"
            )
        assert said.code == 2
        assert "secret" not in said.out + said.err
