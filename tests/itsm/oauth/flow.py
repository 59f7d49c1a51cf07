"""A client of the authorization server, step by step, as a test wants it."""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.test import Client

from itsm.oauth.server import resource

BACK = "http://127.0.0.1:33418/callback"


def registered(client: Client, *uris: str, **more: Any) -> str:
    """The id of a client that registered just now."""
    said = {"client_name": "Claude Code", "redirect_uris": list(uris) or [BACK], **more}
    answer = client.post("/oauth/register", said, content_type="application/json")
    assert answer.status_code == 201, answer.content
    return str(answer.json()["client_id"])


@dataclass
class Flow:
    """`web`: the browser of a person who is signed in."""

    web: Client
    client_id: str
    back: str = BACK
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    program: Client = field(default_factory=Client)

    @property
    def challenge(self) -> str:
        return urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).decode().rstrip("=")

    def address(self, **changed: Any) -> str:
        said = {
            "response_type": "code", "client_id": self.client_id, "redirect_uri": self.back, "scope": "gate desk:read",
            "state": "a state", "code_challenge": self.challenge, "code_challenge_method": "S256",
            "resource": resource(), **changed,
        }  # fmt: skip
        return f"/oauth/authorize?{urlencode({k: v for k, v in said.items() if v is not None}, doseq=True)}"

    def consents(self, *, address: str = "", **said: Any) -> Any:
        """What the person's yes is answered with."""
        body = {"decision": "allow", "capabilities": ["gate", "desk:read"], "name": "Claude Code", **said}
        return self.web.post(address or self.address(), body)

    def code(self, **said: Any) -> str:
        answer = self.consents(**said)
        assert answer.status_code == 302, answer.content
        return went(answer)["code"]

    def tokens(self, code: str, /, **changed: Any) -> Any:
        said = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self.back, "client_id": self.client_id,
            "code_verifier": self.verifier, "resource": resource(), **changed,
        }  # fmt: skip
        return self.program.post("/oauth/token", {k: v for k, v in said.items() if v is not None})

    def refreshed(self, text: str, /, **changed: Any) -> Any:
        said = {"grant_type": "refresh_token", "refresh_token": text, "client_id": self.client_id, **changed}
        return self.program.post("/oauth/token", said)


def went(answer: Any) -> dict[str, str]:
    """What a redirect brought back, by name."""
    return {name: values[0] for name, values in parse_qs(urlsplit(answer["Location"]).query).items()}
