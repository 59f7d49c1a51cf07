#!/usr/bin/env python3
"""headroom: ask the gate of a Headroom service desk from a pipeline.

One file, Python 3.8 or newer, nothing to install:

    curl -fsSO "$HEADROOM_URL/headroom" && python3 headroom evaluate --service checkout --digest sha256:...

commands
    evaluate   ask whether the change may go, and wait for the answer
    open       ask, and do not wait: prints the evaluation's id
    wait       wait for the answer to an evaluation; with --change, watch what was deployed
    report     say that a deployment started, or how it ended; ask before its next stage
    attest     vouch for an artifact: tests, scans, a review
    mcp        let a software agent speak with the desk over stdio; HEADROOM_TOKEN is a token of the agent

exit codes
    0  approved (open, report, attest: taken)
    1  rejected, expired or cancelled; or: roll back, the budget burns; or: what was watched has failed
    2  used wrongly, or not let in
    3  time-out: nobody has decided yet
    4  the server cannot be reached, or fails

who asks
    HEADROOM_TOKEN            a token of the desk; or nothing secret at all:
    HEADROOM_ID_TOKEN         an OIDC token of the platform (GitLab: id_tokens); each is good once and for ten
                              minutes, HEADROOM_ID_TOKEN_2, _3 ... are used after it
    ACTIONS_ID_TOKEN_REQUEST_URL and _TOKEN: GitHub sets them where the job has `permissions: id-token: write`
    HEADROOM_AUDIENCE         for whom the token is made, where the desk knows itself by another address than --url

what the next steps need
    evaluation, change, status and deployment are written as name=value to the file HEADROOM_OUTPUT, on GitHub to the
    outputs of the step

With --on-error=allow, or HEADROOM_ON_ERROR=allow for all steps, a server that cannot be reached stops nobody (exit 0,
with a warning; keep this file in the repository then); say afterwards by `report` without --change what was deployed
blind. The default is block.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import http.client
import json
import os
import random
import re
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Mapping, Sequence
from concurrent import futures
from typing import Any, NoReturn

APPROVED, REJECTED, USAGE, TIMEOUT, SERVER = 0, 1, 2, 3, 4
AGENT = "headroom-command/1"
LONG_POLL = 25  # seconds that one question for the answer may take
LONGEST_PAUSE = 300.0
WORD = re.compile(r"[A-Za-z0-9_.:-]{1,200}\Z")
ENDED = ("rejected", "expired", "cancelled", "error")


class Failed(Exception):
    """It cannot go on: with which exit code, and why."""

    def __init__(self, code: int, why: str, body: Any = None) -> None:
        super().__init__(why)
        self.code = code
        self.body = body


class Answer:
    """What the server said."""

    def __init__(self, status: int, headers: Any, raw: bytes) -> None:
        self.code = status
        self.headers = {name.lower(): value for name, value in headers.items()}
        try:
            self.body: Any = json.loads(raw.decode("utf-8")) if raw else {}
        except ValueError:
            self.body = {}
        if not isinstance(self.body, dict):
            self.body = {}

    @property
    def pause(self) -> float:
        """Seconds that the server asks to wait; 0 where it says nothing."""
        said = self.headers.get("retry-after", "").strip()
        return min(float(said), LONGEST_PAUSE) if said.isdigit() else 0.0

    @property
    def may_be_repeated(self) -> bool:
        """A fault of the moment: the same request may succeed later."""
        return self.code >= 500 or self.code == 429 or (self.code == 409 and self.pause > 0)

    def words(self) -> str:
        """Why it was refused, for people."""
        said = str(self.body.get("detail") or self.body.get("title") or f"HTTP {self.code}")
        errors = self.body.get("errors")
        if isinstance(errors, dict):
            said += "".join("\n  {}: {}".format(name, " ".join(map(str, one))) for name, one in errors.items())
        elif isinstance(errors, list):
            said += "".join(f"\n  {_error(one)}" for one in errors)
        return said


def _error(one: Any) -> str:
    if not isinstance(one, dict):
        return str(one)
    return "{}: {}".format(one.get("pointer", ""), one.get("detail", ""))


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect could carry the token elsewhere: it is an answer like any other."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class Desk:
    """The server: requests that are repeated under one key until it answers, or has failed for too long."""

    def __init__(self, url: str, patience: float) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise Failed(USAGE, "Say where the desk is: --url, or HEADROOM_URL=https://desk.example.")
        self.url = url.rstrip("/")
        self.patience = patience
        self.token = os.environ.get("HEADROOM_TOKEN", "").strip()
        self._opener = urllib.request.build_opener(NoRedirect)

    def ask(self, method: str, path: str, body: Any = None, key: str = "", seconds: float = 15.0) -> Answer:
        """One answer that is no fault of the moment. Raises Failed."""
        began, tries, again = time.monotonic(), 0, False
        while True:
            why, pause = "", 0.0
            try:
                if not self.token:
                    self.token = self._keyless()
                answer = self._once(method, path, body, key, seconds)
                if answer.code == 401 and not again and not os.environ.get("HEADROOM_TOKEN"):
                    self.token, again = "", True  # ten minutes are over: once more with a fresh one
                    continue
                if not answer.may_be_repeated:
                    return _not_refused(answer)
                why, pause = answer.words(), answer.pause
            except OSError as error:  # URLError and time-outs too
                why = "{} cannot be reached: {}".format(self.url, getattr(error, "reason", None) or error)
            except ValueError as error:  # what came back is no HTTP
                why = f"{self.url} answers oddly: {error}"
            tries += 1
            pause = _with_jitter(pause or min(2.0**tries, 30.0))
            if time.monotonic() - began + pause > self.patience:
                raise Failed(SERVER, why)
            tell("{} Again in {:.0f} s.".format(why.rstrip("."), pause))
            time.sleep(pause)

    def _once(self, method: str, path: str, body: Any, key: str, seconds: float) -> Answer:
        headers = {"Accept": "application/json", "User-Agent": AGENT, "Authorization": "Bearer " + self.token}
        if key:
            headers["Idempotency-Key"] = key
        return self._send(method, self.url + "/api/v1/" + path, body, headers, seconds)

    def _send(self, method: str, url: str, body: Any, headers: dict[str, str], seconds: float) -> Answer:
        data = None if body is None else json.dumps(body).encode("utf-8")
        if data is not None:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(url, data=data, headers=headers, method=method)  # noqa: S310 - judged above
        try:
            with self._opener.open(request, timeout=seconds) as response:
                return Answer(response.status, response.headers, response.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())

    def _keyless(self) -> str:
        """A token for ten minutes, for the platform's own. Raises Failed, OSError."""
        shown = [one for one in (self._of_github(), *_given()) if one]
        if not shown:
            raise Failed(USAGE, "Nobody says who asks: set HEADROOM_TOKEN, or let the platform give an OIDC token.")
        for one in shown:
            headers = {"Accept": "application/json", "User-Agent": AGENT}
            answer = self._send("POST", self.url + "/api/v1/oidc/token/", {"token": one}, headers, 15.0)
            if answer.may_be_repeated:
                raise OSError(answer.words())
            if answer.body.get("reason") != "used":  # each is good once: the next one then
                break
        return str(_not_refused(answer).body.get("token", ""))

    def _of_github(self) -> str:
        url, token = (os.environ.get("ACTIONS_ID_TOKEN_REQUEST_" + name, "") for name in ("URL", "TOKEN"))
        if not url or not token:
            return ""
        audience = urllib.parse.quote(os.environ.get("HEADROOM_AUDIENCE") or self.url, safe="")
        headers = {"Accept": "application/json", "User-Agent": AGENT, "Authorization": "Bearer " + token}
        answer = self._send("GET", f"{url}&audience={audience}", None, headers, 15.0)
        if answer.code != 200:
            raise OSError(f"GitHub gives no OIDC token ({answer.code})")
        return str(answer.body.get("value", ""))


def _given() -> list[str]:
    """What a platform gives by variables: HEADROOM_ID_TOKEN, HEADROOM_ID_TOKEN_2 and so on."""
    names = ["HEADROOM_ID_TOKEN", *(f"HEADROOM_ID_TOKEN_{at}" for at in range(2, 10))]
    return [os.environ.get(name, "").strip() for name in names]


def _not_refused(answer: Answer) -> Answer:
    if answer.code >= 300:
        raise Failed(USAGE, answer.words(), answer.body)
    return answer


def _with_jitter(seconds: float) -> float:
    """A little later than asked for, so that a hundred pipelines do not come back at once."""
    return seconds * random.uniform(1.0, 1.25)  # noqa: S311 - no secret


def tell(words: str) -> None:
    """For people; what programs read goes to the standard output."""
    print(words, file=sys.stderr, flush=True)


# --- Which run this is ----------------------------------------------------------------------------


def pipeline_here() -> dict[str, str]:
    """The run by what the platform says of itself; empty where nobody says anything."""
    env = os.environ.get
    if env("GITHUB_ACTIONS"):
        run = env("GITHUB_RUN_ID", "")
        found = {
            "provider": "github", "repository": env("GITHUB_REPOSITORY", ""), "workflow": env("GITHUB_WORKFLOW", ""),
            "run_id": run, "attempt": env("GITHUB_RUN_ATTEMPT", ""), "job": env("GITHUB_JOB", ""),
            "url": "{}/{}/actions/runs/{}".format(env("GITHUB_SERVER_URL", ""), env("GITHUB_REPOSITORY", ""), run),
        }  # fmt: skip
    elif env("GITLAB_CI"):
        found = {
            "provider": "gitlab", "repository": env("CI_PROJECT_PATH", ""), "workflow": env("CI_CONFIG_PATH", ""),
            "run_id": env("CI_PIPELINE_ID", ""), "attempt": env("CI_JOB_ID", ""), "job": env("CI_JOB_NAME", ""),
            "url": env("CI_JOB_URL", ""),
        }  # fmt: skip
    elif env("JENKINS_URL"):
        found = {
            "provider": "jenkins", "repository": env("GIT_URL", ""), "workflow": env("JOB_NAME", ""),
            "run_id": env("BUILD_NUMBER", ""), "attempt": "1", "job": env("STAGE_NAME", ""),
            "url": env("BUILD_URL", ""),
        }  # fmt: skip
    else:
        found = {}
    return {name: value[:200] for name, value in found.items() if value}


def commit_here() -> str:
    return next((os.environ[name] for name in ("GITHUB_SHA", "CI_COMMIT_SHA", "GIT_COMMIT") if name in os.environ), "")


def key_of(run: Mapping[str, str], *about: str) -> str:
    """The same for the same step of the same run, however often it is tried; else one that nobody had."""
    if not run.get("run_id") or not run.get("attempt"):
        return str(uuid.uuid4())
    said = [run.get(name, "") for name in ("provider", "repository", "workflow", "run_id", "attempt", "job")]
    return hashlib.sha256(json.dumps([*said, *about]).encode("utf-8")).hexdigest()


# --- The commands ---------------------------------------------------------------------------------


def question(said: argparse.Namespace) -> dict[str, Any]:
    """The body of a question to the gate: what was said, over what the file says, over what the run says of itself."""
    body: dict[str, Any] = {}
    if said.file:
        try:
            with open(said.file, encoding="utf-8") as file:
                body = json.load(file)
        except (OSError, ValueError) as error:
            raise Failed(USAGE, f"{said.file} cannot be read: {error}") from error
        if not isinstance(body, dict) or not isinstance(body.get("pipeline", {}), dict):
            raise Failed(USAGE, f"{said.file} is no body of the API: that is an object, and so is its pipeline.")
    for name in ("service", "environment", "change_class", "purpose", "summary", "plan", "backout", "model", "commit"):
        if getattr(said, name):
            body[name] = getattr(said, name)
    body.setdefault("commit", commit_here())
    for field, names in (("artifact", ("digest", "version")), ("proof", ("tests_passed", "tests_failed"))):
        given = {name: getattr(said, name) for name in names if getattr(said, name) is not None}
        if given:
            body[field] = {**body.get(field, {}), **given}
    for field in ("exception", "answers"):
        given = pairs(getattr(said, field))
        if given:
            body[field] = {**(body.get(field) or {}), **given}
    if said.migration:
        body["migration"] = True
    if said.callback:
        body["callback"] = {"url": said.callback}
    body["pipeline"] = {**pipeline_here(), **body.get("pipeline", {}), **pairs(said.run)}
    if not body.get("service"):
        raise Failed(USAGE, "Say which service: --service, or HEADROOM_SERVICE.")
    version = (body.get("artifact") or {}).get("version") or (body.get("commit") or "")[:12]
    body.setdefault("summary", " ".join(("Deploy {} {}".format(body["service"], version)).split()))
    return body


def pairs(said: Sequence[str]) -> dict[str, str]:
    """`name=value` each."""
    found = {}
    for one in said or ():
        name, mark, value = one.partition("=")
        if not mark or not name:
            raise Failed(USAGE, f"“{one}” is not of the form name=value.")
        found[name] = value
    return found


def open_question(desk: Desk, said: argparse.Namespace) -> Answer:
    body = question(said)
    key = said.key or key_of(body["pipeline"], body["service"], body.get("environment", ""))
    return desk.ask("POST", "gate-evaluations/", body, key)


def evaluate(desk: Desk, said: argparse.Namespace) -> tuple[int, Any]:
    """Ask, and wait for the answer."""
    answer = open_question(desk, said)
    return decided(desk, answer, said.timeout)


def just_open(desk: Desk, said: argparse.Namespace) -> tuple[int, Any]:
    """Ask, and do not wait."""
    body = open_question(desk, said).body
    return _code_of(body), body


def wait(desk: Desk, said: argparse.Namespace) -> tuple[int, Any]:
    """Wait for the answer to what was asked before; with --change, watch over what was deployed."""
    if said.change:
        return watched(desk, said)
    if not said.evaluation:
        raise Failed(USAGE, "Say which evaluation, by its id, or which deployment: --change.")
    answer = desk.ask("GET", "gate-evaluations/{}/".format(urllib.parse.quote(said.evaluation, safe="")))
    return decided(desk, answer, said.timeout)


def decided(desk: Desk, answer: Answer, timeout: float) -> tuple[int, Any]:
    """The answer once there is one, or the time-out."""
    until, told = time.monotonic() + timeout, ""
    path = "gate-evaluations/{}/".format(answer.body.get("id", ""))
    while answer.body.get("status") == "pending":
        told = _tell_news(answer.body, told)
        left = until - time.monotonic()
        if left <= 0:
            return TIMEOUT, answer.body
        asked_for, began = min(LONG_POLL, int(left) + 1), time.monotonic()
        answer = desk.ask("GET", f"{path}?wait={asked_for}", seconds=asked_for + 15.0)
        if answer.body.get("status") == "pending" and time.monotonic() - began < asked_for / 2.0:
            # No room to wait there: come back as it says.
            time.sleep(max(0.0, min(_with_jitter(answer.pause or 15.0), until - time.monotonic())))
    return _code_of(answer.body), answer.body


def watched(desk: Desk, said: argparse.Namespace) -> tuple[int, Any]:
    """Until the watch over a deployment is over, or it should be taken back, or failed."""
    until = time.monotonic() + said.timeout
    while True:
        body = desk.ask("GET", f"{_deployments(said.change)}{said.deployment}/").body
        if body.get("roll_back"):
            return _roll_back(body), body
        if body.get("status") in ("failed", "rolled_back"):  # nothing is left to be watched
            tell("{}: the deployment ended as {}.".format(said.change, body["status"]))
            return REJECTED, body
        ended = body.get("watched_until")
        if ended and ended <= time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()):
            return APPROVED, body
        left = until - time.monotonic()
        if left <= 0:
            return TIMEOUT, body
        time.sleep(min(_with_jitter(15.0), left))


def staged(desk: Desk, said: argparse.Namespace) -> tuple[int, Any]:
    """May the next stage begin? A hold is asked again, as long as there is time."""
    if not said.stage:
        raise Failed(USAGE, "Say which stage begins next: --stage '10 %'.")
    until, body = time.monotonic() + said.timeout, {"name": said.stage, "percent": said.percent}
    while True:
        answer = desk.ask("POST", f"{_deployments(said.change)}{said.deployment}/stages/", body)
        word = answer.body.get("answer")
        if word == "roll_back":
            return _roll_back(answer.body), answer.body
        if word == "go_on":
            return APPROVED, answer.body
        if word != "hold":
            raise Failed(SERVER, "That is no answer of the gate: is this the desk's address?", answer.body)
        tell(f"{said.stage}: hold. {answer.body.get('because', '')}")
        left = until - time.monotonic()
        if left <= 0:
            return TIMEOUT, answer.body
        time.sleep(min(_with_jitter(answer.pause or 60.0), left))


def _roll_back(body: Mapping[str, Any]) -> int:
    call = body.get("roll_back") or {}
    to, of = call.get("to") or {}, str(call.get("rollback_of") or "")
    tell(f"Roll back {of}: {call.get('because', '')}. Back to: {to.get('digest') or 'unknown'}")
    return REJECTED


def _way_back(body: Mapping[str, Any]) -> str:
    """How to ask for the rollback, where it is known what worked before."""
    call = body["roll_back"]
    to, of = call.get("to") or {}, str(call.get("rollback_of") or "")
    digest, version = to.get("digest"), str(to.get("version") or "")
    if not digest:
        return of
    named = f" --version {version}" if WORD.match(version) else ""  # by which people know it, not by its bytes
    words = [(name, str(call.get(name) or "")) for name in ("service", "environment")]
    where = "".join(f" --{name} {word}" for name, word in words if WORD.match(word))
    return f"headroom evaluate{where} --purpose rollback --exception rollback_of={of} --digest {digest}{named}"


def _deployments(change: str) -> str:
    return "changes/{}/deployments/".format(urllib.parse.quote(change, safe=""))


def _code_of(body: Mapping[str, Any]) -> int:
    """What the answer means for this step. Raises Failed for what is none of the gate's words."""
    status = body.get("status")
    if status not in ("pending", "approved", *ENDED):
        raise Failed(SERVER, "That is no answer of the gate: is this the desk's address?", body)
    return REJECTED if status in ENDED else APPROVED


def _tell_news(body: Mapping[str, Any], told: str) -> str:
    change = body.get("change") or {}
    words = "{} waits: {} {}".format(change.get("number", ""), body.get("answer", "pending"), change.get("page", ""))
    if words != told:
        tell(words)
    return words


def report(desk: Desk, said: argparse.Namespace) -> tuple[int, Any]:
    """A deployment started, or ended; without a change: it was deployed blind."""
    run = {**pipeline_here(), **pairs(said.run)}
    if said.result == "stage":
        if not said.change:
            raise Failed(USAGE, "Say whose stage begins: --change.")
        return staged(desk, said)
    if not said.change:
        return APPROVED, _report_blind(desk, said, run).body
    path = _deployments(said.change)
    if said.result == "started":
        body: dict[str, Any] = {"url": said.link or run.get("url", "")}
        if said.digest:
            body["artifact"] = {"digest": said.digest}
        if said.environment:
            body["environment"] = said.environment
        return APPROVED, desk.ask("POST", path, body, said.key or key_of(run, said.change, "start")).body
    return APPROVED, desk.ask("PATCH", f"{path}{said.deployment}/", {"status": said.result}).body


def _report_blind(desk: Desk, said: argparse.Namespace, run: Mapping[str, str]) -> Answer:
    """What went out while nobody could be asked, so that it is looked at afterwards."""
    if not said.service:
        raise Failed(USAGE, "Say which change it was (--change), or which service was deployed blind (--service).")
    body = {
        "blind": True, "service": said.service, "environment": said.environment or "production",
        "result": said.result, "version": said.version or "", "artifact_digest": said.digest or "",
        "commit": said.commit or commit_here(), "repository": run.get("repository", ""),
        "run_id": run.get("run_id", ""), "url": said.link or run.get("url", ""),
    }  # fmt: skip
    return desk.ask("POST", "deployments/", body, said.key or key_of(run, said.service, "blind", said.result))


def attest(desk: Desk, said: argparse.Namespace) -> tuple[int, Any]:
    """Vouch for an artifact of somebody else's change."""
    body = {
        "service": said.service, "artifact_digest": said.digest, "about": said.about, "source": said.source,
        "passed": said.passed, "failed": said.failed, "url": said.link or pipeline_here().get("url", ""),
    }  # fmt: skip
    key = said.key or key_of(pipeline_here(), said.service, said.digest, said.about)
    return APPROVED, desk.ask("POST", "attestations/", body, key).body


# --- Software agents: the Model Context Protocol over stdio ---------------------------------------


class Relay:
    """Hands each line of the input to the agents' door, /mcp, and its answer to the output, a line each."""

    def __init__(self, desk: Desk) -> None:
        if not desk.token:
            raise Failed(USAGE, "Set HEADROOM_TOKEN to a token of your software agent: its page issues one.")
        self.desk = desk
        self.revision = ""  # what a handshake came to
        self._writing = threading.Lock()

    def run(self) -> int:
        """Until the input ends and all is answered. Several at once: a slow answer keeps nobody waiting."""
        with futures.ThreadPoolExecutor(max_workers=4) as pool:
            for line in sys.stdin.buffer:
                if not line.strip():
                    continue
                try:
                    message = json.loads(line.decode("utf-8"))
                except (ValueError, RecursionError):
                    self._answer({"jsonrpc": "2.0", "id": None, "error": {"code": -32700, "message": "No JSON."}})
                    continue
                if isinstance(message, dict) and message.get("method") == "initialize":
                    self._relay(message)  # all that follows speaks what this comes to
                else:
                    pool.submit(self._relay, message)
        return APPROVED

    def _relay(self, message: Any) -> None:
        given = _object(message)
        answered = self._ask(message, given)
        if "id" not in given and isinstance(message, dict):
            return  # a notification is not answered, whatever became of it
        if answered.get("id") is None:
            answered["id"] = given.get("id")
        if given.get("method") == "initialize":
            self.revision = str(_object(answered.get("result")).get("protocolVersion") or "")
        self._answer(answered)

    def _ask(self, message: Any, given: Mapping[str, Any]) -> dict[str, Any]:
        headers = {"Accept": "application/json", "User-Agent": AGENT, "Authorization": "Bearer " + self.desk.token}
        headers.update(self._said_of(given))
        try:
            answer = self._sent(message, headers)
        except (OSError, ValueError, RecursionError, http.client.HTTPException) as error:
            why = getattr(error, "reason", None) or error
            return _failed(f"{self.desk.url} cannot be reached: {why}")
        if answer.body.get("jsonrpc") != "2.0" and answer.code != 202:
            return _failed(answer.words())
        return _object(answer.body)

    def _sent(self, message: Any, headers: dict[str, str]) -> Answer:
        """Once more, and again, where the door is busy for a moment: then it has done nothing."""
        for tries in range(4):
            answer = self.desk._send("POST", self.desk.url + "/mcp", message, dict(headers), 60.0)
            if answer.code != 429 or not 0 < answer.pause <= 5 or tries == 3:
                break
            time.sleep(_with_jitter(answer.pause))
        return answer

    def _said_of(self, given: Mapping[str, Any]) -> dict[str, str]:
        """What the protocol wants in headers: the revision, and since 2026-07-28 what is asked for."""
        params = _object(given.get("params"))
        own = _object(params.get("_meta")).get("io.modelcontextprotocol/protocolVersion")
        if not own:
            return {"MCP-Protocol-Version": self.revision} if self.revision else {}
        said = {"MCP-Protocol-Version": own, "Mcp-Method": given.get("method")}
        if "name" in params:
            said["Mcp-Name"] = params["name"]
        return {name: _in_a_header(str(value)) for name, value in said.items()}

    def _answer(self, message: Mapping[str, Any]) -> None:
        line = json.dumps(message, separators=(",", ":")).encode("ascii") + b"\n"
        with self._writing:
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _failed(why: str) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": None, "error": {"code": -32000, "message": why}}


def _in_a_header(word: str) -> str:
    if re.match(r"[!-~]([ -~]*[!-~])?\Z", word) and not word.startswith("=?base64?"):
        return word
    return "=?base64?{}?=".format(base64.b64encode(word.encode("utf-8")).decode("ascii"))


# --- What is said ---------------------------------------------------------------------------------


def show(code: int, body: Any, as_json: bool) -> None:
    """The answer for people, or whole as JSON; and for the platform's next steps."""
    if as_json:
        print(json.dumps(body, indent=2, sort_keys=True, ensure_ascii=False))
    elif "status" in body and "reasons" in body:
        change = body.get("change") or {}
        print(
            "{} {} {}".format(change.get("number", ""), body["status"], body.get("answer") or body.get("outcome", ""))
        )
        if body.get("decided_by") == "shadow":
            print("  in shadow: allowed, whatever the gate says; nothing is stopped here yet")
        for one in (body.get("reasons") or [])[:5]:
            print("  because: {}".format(one.get("sentence", "")))
        for one in (body.get("what_would_help") or [])[:3] if code != APPROVED else ():
            print("  would help: {}".format(one.get("sentence", "")))
        for one in body.get("conditions") or ():
            print(f"  condition: {one}")
        if body.get("ended_because"):
            print("  ended: {}".format(body["ended_because"]))
        print("  {}".format(change.get("page", "")))
    else:
        print(" ".join(str(body[name]) for name in ("reference", "number", "status", "result", "id") if name in body))
        if body.get("roll_back") and body.get("status") != "rolled_back":
            print(_way_back(body))  # what was taken back already needs no way back
    for_next_steps(body)


def for_next_steps(body: Any) -> None:
    """name=value each: GitHub's outputs of this step, or a file that the next lines of a script source."""
    path = os.environ.get("HEADROOM_OUTPUT") or os.environ.get("GITHUB_OUTPUT")
    if not path:
        return
    back = (body.get("roll_back") or {}).get("to") or {}
    found = {"status": body.get("status") or body.get("answer"), "deployment": body.get("number"),
             "roll_back_to": back.get("digest")}  # fmt: skip
    if "reasons" in body:
        found = {"status": body.get("status"), "evaluation": body.get("id"),
                 "change": (body.get("change") or {}).get("number")}  # fmt: skip
    words = {name: str(value) for name, value in found.items() if value is not None}
    with open(path, "a", encoding="utf-8") as file:
        for name, word in words.items():
            if WORD.match(word):  # a shell reads it: nothing that it could take for a command
                file.write(f"{name}={word}\n")


# --- The command line -----------------------------------------------------------------------------


class Parser(argparse.ArgumentParser):
    """Says what is wrong with the same code as everything that is used wrongly."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"headroom: {message}\n")


def parser() -> argparse.ArgumentParser:
    whole = Parser(prog="headroom", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = whole.add_subparsers(dest="command", metavar="command", required=True)
    for name, run in COMMANDS.items():
        one = commands.add_parser(name, help=(run.__doc__ or "").strip(), description=(run.__doc__ or "").strip())
        _common(one, patient=name in ("evaluate", "wait", "report"))
        if name in ("evaluate", "open"):
            _of_question(one)
        elif name == "wait":
            one.add_argument("evaluation", nargs="?", default="", help="its id, as `open` printed it")
            _of_deployment(one)
        elif name == "report":
            _of_report(one)
        else:
            _of_attestation(one)
    relayed = "let a software agent speak with the desk over stdio"
    of_agents = commands.add_parser("mcp", help=relayed, description=relayed)
    of_agents.add_argument("--url", default=os.environ.get("HEADROOM_URL", ""), help="where the desk is (HEADROOM_URL)")
    of_agents.set_defaults(patience=0.0, json=False, on_error="block")
    return whole


def _common(one: argparse.ArgumentParser, patient: bool) -> None:
    env = os.environ.get
    one.add_argument("--url", default=env("HEADROOM_URL", ""), help="where the desk is (HEADROOM_URL)")
    one.add_argument("--json", action="store_true", help="print the whole answer as JSON")
    fails = "what a server that fails means: exit 4, or 0 with a warning (HEADROOM_ON_ERROR)"
    one.add_argument("--on-error", choices=("block", "allow"), default=env("HEADROOM_ON_ERROR") or "block", help=fails)
    asked_again = "how long a failing server is asked again (120)"
    one.add_argument("--patience", type=float, default=120.0, metavar="SECONDS", help=asked_again)
    one.add_argument("--key", default="", help="Idempotency-Key; else one that belongs to this step of this run")
    of_run = "of the run, where no platform says it: provider, repository, workflow, run_id, attempt, job, url"
    one.add_argument("--run", action="append", default=[], metavar="NAME=VALUE", help=of_run)
    if patient:
        waits = "how long to wait for the answer, or for a stage that is held (3600)"
        one.add_argument("--timeout", type=float, default=3600.0, metavar="SECONDS", help=waits)


def _of_question(one: argparse.ArgumentParser) -> None:
    one.add_argument("--service", default=os.environ.get("HEADROOM_SERVICE", ""))
    one.add_argument("--environment", default=os.environ.get("HEADROOM_ENVIRONMENT", "production"))
    one.add_argument("--class", dest="change_class", default="", help="standard, normal or emergency")
    for name in ("purpose", "summary", "plan", "backout", "model", "commit"):
        one.add_argument("--" + name, default="")
    one.add_argument("--digest", help="of the artifact: sha256: and 64 hex digits")
    one.add_argument("--version", help="of the artifact")
    one.add_argument("--tests-passed", type=int)
    one.add_argument("--tests-failed", type=int)
    one.add_argument("--migration", action="store_true", help="it changes the shape of data")
    one.add_argument(
        "--exception", action="append", default=[], metavar="NAME=VALUE", help="incident, cve, rollback_of"
    )
    one.add_argument("--answer", dest="answers", action="append", default=[], metavar="QUESTION=ANSWER")
    one.add_argument("--callback", default="", metavar="URL", help="told of the decision, signed (Standard Webhooks)")
    one.add_argument("--file", default="", metavar="JSON", help="a body of the API, which the options here override")


def _of_report(one: argparse.ArgumentParser) -> None:
    one.add_argument("result", choices=("started", "stage", "succeeded", "failed", "rolled_back"))
    _of_deployment(one)
    one.add_argument("--stage", default="", help="report stage: the one that begins next, such as '10 %%'")
    one.add_argument("--percent", type=int, help="report stage: of the traffic")
    one.add_argument("--service", default=os.environ.get("HEADROOM_SERVICE", ""))
    one.add_argument("--environment", default=os.environ.get("HEADROOM_ENVIRONMENT", ""))
    for name in ("digest", "version", "commit"):
        one.add_argument("--" + name, default="")
    one.add_argument("--link", default="", metavar="URL", help="where the deployment can be read about")


def number_or_first(text: str) -> int:
    """Of a deployment; a script that was told none has the first."""
    return int(text or 1)


def _of_deployment(one: argparse.ArgumentParser) -> None:
    one.add_argument("--change", default="", help="such as CHG-00042; to report without one: it was deployed blind")
    number = "the deployment's number, as `report started` printed it (1)"
    one.add_argument("--deployment", type=number_or_first, default=1, help=number)


def _of_attestation(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--service", default=os.environ.get("HEADROOM_SERVICE", ""), required="HEADROOM_SERVICE" not in os.environ
    )
    one.add_argument("--digest", required=True)
    one.add_argument(
        "--about", required=True, choices=("peer_review", "tests", "scans", "rollback_tested", "progressive")
    )
    one.add_argument("--passed", type=int, default=0)
    one.add_argument("--failed", type=int, default=0)
    one.add_argument("--source", default="pipeline", help="who says so, such as trivy")
    one.add_argument("--link", default="", metavar="URL")


COMMANDS = {"evaluate": evaluate, "open": just_open, "wait": wait, "report": report, "attest": attest}


def main(words: Sequence[str] | None = None) -> int:
    said = parser().parse_args(words)
    try:
        if said.command == "mcp":
            return Relay(Desk(said.url, said.patience)).run()
        code, body = COMMANDS[said.command](Desk(said.url, said.patience), said)
        show(code, body, said.json)
        return code
    except Failed as failed:
        code = failed.code
        tell(f"headroom: {failed}")
        if code == SERVER and said.on_error == "allow":
            code = APPROVED
            tell("headroom: going on all the same (--on-error=allow). Report what is deployed blind: headroom report.")
            for_next_steps({"status": "error"})  # so that a script finds the file, and no change in it
        if said.json:
            print(
                json.dumps({"status": "error", "detail": str(failed), "problem": failed.body, "exit": code}, indent=2)
            )
        return code
    except KeyboardInterrupt:
        return TIMEOUT


if __name__ == "__main__":
    sys.exit(main())
