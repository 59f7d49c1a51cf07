"""A program's site, over TLS from a real server, with the document that describes it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.itsm.scripted_server import Asked, Authority, Reply, Scripted, scripted


@dataclass
class Published:
    """A program's site with the document that describes it; `said` is changed as a test wants it."""

    server: Scripted
    said: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    path: str = "/agent/client.json"
    status: int = 200

    @property
    def client_id(self) -> str:
        return f"{self.server.url}{self.path}"

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server.port}"

    def answer(self, asked: Asked) -> Reply:
        said = {
            "client_id": self.client_id, "client_name": "Claude Code", "redirect_uris": ["http://127.0.0.1/callback"],
            "token_endpoint_auth_method": "none", **self.said,
        }  # fmt: skip
        body = json.dumps({name: value for name, value in said.items() if value is not None}).encode()
        return Reply(status=self.status, body=body, headers={**self.headers, "Location": "/elsewhere.json"})


@contextmanager
def publishing(authority: Authority, settings: Any) -> Iterator[Published]:
    """The site, which this desk may read: the settings name its port and trust its authority."""
    settings.CLIENT_DOCUMENTS, settings.CA_BUNDLE = True, str(authority.folder / "ca.pem")
    with scripted(authority.server_context()) as server:
        settings.OUTGOING_ALLOW = [f"127.0.0.1:{server.port}"]
        made = Published(server)
        server.answer = made.answer
        yield made
