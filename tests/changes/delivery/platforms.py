"""Servers that play GitHub and GitLab: they send what those send, and refuse what those refuse."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.itsm.scripted_server import Asked, Reply, Scripted, scripted

DATA = Path(__file__).parents[4] / "shared" / "data"


def body_of(platform: str, name: str) -> Any:
    """A body as the platform really sends it; skips where the folder of such data is absent."""
    path = DATA / platform / name
    if not path.is_file():
        pytest.skip(f"no {path}: bodies of platforms lie beside the project")
    return json.loads(path.read_bytes())


@dataclass
class GitHub:
    """One App, one installation, deployments that wait. `said`: what their rule was answered and remarked."""

    script: Scripted
    public_key: Any
    app: str = "4711"
    installation: str = "1"
    said: list[dict[str, Any]] = field(default_factory=list)
    tokens: int = 0
    down: int = 0  # so many requests are answered 502 first
    notes: dict[str, int] = field(default_factory=dict)
    holds: int = 1  # so many deployments wait for their review: a run that is started again waits once more
    deployments: set[str] = field(default_factory=lambda: {"145988746"})
    statuses: list[dict[str, Any]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.script.url

    def callback(self, repository: str = "Codertocat/Hello-World", run: int = 31) -> str:
        return f"{self.url}/repos/{repository}/actions/runs/{run}/deployment_protection_rule"

    @property
    def states(self) -> list[str]:
        return [one["state"] for one in self.said if "state" in one]

    def answer(self, asked: Asked) -> Reply:
        if self.down:
            self.down -= 1
            return Reply(502, b"<html>Unicorn!</html>")
        if asked.method == "POST" and (found := re.fullmatch(r"/app/installations/(\d+)/access_tokens", asked.path)):
            return self._token(asked, found[1])
        if asked.method == "POST" and re.fullmatch(
            r"/repos/[\w-]+/[\w-]+/actions/runs/\d+/deployment_protection_rule", asked.path
        ):
            return self._rule(asked)
        if asked.method == "POST" and (found := re.fullmatch(r"/repos/[\w/-]+/deployments/(\d+)/statuses", asked.path)):
            return self._status(asked, found[1])
        return _said(404, "Not Found")

    def _status(self, asked: Asked, deployment: str) -> Reply:
        """https://docs.github.com/rest/deployments/statuses: of a deployment that there is, in 140 characters."""
        if not self._knows(asked):
            return _said(401, "Bad credentials")
        said = json.loads(asked.body)
        known = {"state", "description", "environment", "log_url", "auto_inactive", "environment_url", "target_url"}
        states = ("error", "failure", "inactive", "in_progress", "queued", "pending", "success")
        if set(said) - known or said.get("state") not in states or len(said.get("description", "")) > 140:
            return _said(422, "Validation Failed")
        if deployment not in self.deployments:
            return _said(404, "Not Found")
        self.statuses.append(said)
        return Reply(201, json.dumps({"id": len(self.statuses), **said}).encode())

    def _knows(self, asked: Asked) -> bool:
        return _bearer(asked) in {f"ghs_{number + 1}" for number in range(self.tokens)}

    def _token(self, asked: Asked, installation: str) -> Reply:
        try:
            claims = jwt.decode(_bearer(asked), self.public_key, ["RS256"], options={"require": ["exp", "iat", "iss"]})
        except jwt.PyJWTError as error:
            return _said(401, f"A JSON web token could not be decoded: {error}")
        if claims["exp"] - datetime.now(UTC).timestamp() > 600:
            return _said(401, "'Expiration time' claim ('exp') is too far in the future")
        if claims["iss"] != self.app or installation != self.installation:
            return _said(404, "Not Found")
        self.tokens += 1
        until = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        said = {"token": f"ghs_{self.tokens}", "expires_at": until, "permissions": {"deployments": "write"}}
        return Reply(201, json.dumps(said).encode())

    def _rule(self, asked: Asked) -> Reply:
        if not self._knows(asked):
            return _said(401, "Bad credentials")
        said = json.loads(asked.body)
        if set(said) - {"environment_name", "state", "comment"} or not said.get("environment_name"):
            return _said(422, "Invalid request.")
        if len(said.get("comment", "")) > 1024 or said.get("state", "approved") not in ("approved", "rejected"):
            return _said(422, "Invalid request.")
        if "state" not in said:
            self.notes[asked.path] = self.notes.get(asked.path, 0) + 1
            if self.notes[asked.path] > 10:
                return _said(422, "Too many status reports.")
        elif not self.holds:
            return _said(422, "This deployment has been reviewed already.")
        else:
            self.holds -= 1
        self.said.append(said)
        return Reply(204 if "state" in said else 200, b"" if "state" in said else b"{}")


@dataclass
class GitLab:
    """One project with one deployment that is blocked."""

    script: Scripted
    token: str
    said: list[dict[str, Any]] = field(default_factory=list)
    comments: list[tuple[str, str]] = field(default_factory=list)

    def answer(self, asked: Asked) -> Reply:
        if _bearer(asked) != self.token:
            return _said(401, "401 Unauthorized")
        project = "root%2Ftest-deployment-webhooks"
        commits = rf"/api/v4/projects/{project}/repository/commits/([0-9a-f]{{7,40}})/comments"
        if asked.method == "POST" and (found := re.fullmatch(commits, asked.path)):
            said = json.loads(asked.body)
            if set(said) != {"note"} or not said["note"]:
                return _said(400, "note is missing")
            self.comments.append((found[1], said["note"]))
            return Reply(201, json.dumps(said).encode())
        if asked.path != f"/api/v4/projects/{project}/deployments/15/approval" or asked.method != "POST":
            return _said(404, "404 Deployment Not Found")
        said = json.loads(asked.body)
        if said.get("status") not in ("approved", "rejected") or self.said:
            return _said(400, "400 Bad request")
        self.said.append(said)
        return Reply(201, json.dumps({"user": {"id": 100}, **said}).encode())


def _bearer(asked: Asked) -> str:
    return asked.headers.get("Authorization", "").removeprefix("Bearer ")


def _said(status: int, message: str) -> Reply:
    return Reply(status, json.dumps({"message": message, "status": str(status)}).encode())


@contextmanager
def github(secrets_dir: Path, settings: Any) -> Iterator[GitHub]:
    """It runs; the key of its App lies in the folder of secrets, and its address is listed."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    (secrets_dir / "github-app.key").write_bytes(pem)
    with scripted() as script:
        settings.OUTGOING_ALLOW = [f"127.0.0.1:{script.port}"]
        (secrets_dir / "github-app.hosts").write_text(f"127.0.0.1:{script.port}\n")
        platform = GitHub(script, key.public_key())
        script.answer = platform.answer
        yield platform


@contextmanager
def gitlab(secrets_dir: Path, settings: Any) -> Iterator[GitLab]:
    (secrets_dir / "gitlab-token").write_text("glpat-0123456789")
    with scripted() as script:
        settings.OUTGOING_ALLOW = [f"127.0.0.1:{script.port}"]
        (secrets_dir / "gitlab-token.hosts").write_text(f"127.0.0.1:{script.port}\n")
        platform = GitLab(script, "glpat-0123456789")
        script.answer = platform.answer
        yield platform
