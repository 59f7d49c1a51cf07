"""Messages to the agents' door as a client sends them."""

import json
from typing import Any

from django.test import Client
from django.utils import timezone

from itsm.accounts import tokens
from itsm.accounts.models import Token
from itsm.agents.models import Agent

MODERN = "2026-07-28"
META = {"io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": {}}


def token_of(agent: Agent, *capabilities: str) -> str:
    """A token for the agents' door, with these capabilities or all that the agent has."""
    prefix, secret, secret_hash = tokens.fresh()
    Token.objects.create(
        owner=agent.account,
        name="test",
        prefix=prefix,
        secret_hash=secret_hash,
        scopes=list(capabilities or agent.capabilities),
        expires_at=timezone.now() + timezone.timedelta(hours=1),
    )
    return f"hr_{prefix}.{secret}"


class Door:
    """`modern` and `old` ask in a revision, `send` sends anything; each gives the response."""

    def __init__(self, token: str) -> None:
        self.token, self.client = token, Client(enforce_csrf_checks=True)

    def send(self, body: Any, **headers: str | None) -> Any:
        text = body if isinstance(body, str | bytes) else json.dumps(body)
        sent = {"authorization": f"Bearer {self.token}", "accept": "application/json, text/event-stream"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        content_type = sent.pop("content-type", "application/json") or "text/plain"
        given = {name: value for name, value in sent.items() if value is not None}
        return self.client.post("/mcp", text, content_type=content_type, headers=given)

    def modern(self, method: str, params: dict[str, Any] | None = None, **headers: str | None) -> Any:
        params = {"_meta": META, **(params or {})}
        said = {"mcp_protocol_version": MODERN, "mcp_method": method, "mcp_name": params.get("name")}
        return self.send({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}, **{**said, **headers})

    def old(self, method: str, params: dict[str, Any] | None = None, revision: str | None = "2025-06-18") -> Any:
        body = {"jsonrpc": "2.0", "id": "a", "method": method} | ({"params": params} if params else {})
        return self.send(body, mcp_protocol_version=revision)
