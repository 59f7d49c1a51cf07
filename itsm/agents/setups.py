"""How programs that speak the protocol are told of this desk, to be copied: each in its own format."""

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from itsm.notifications.web_addresses import our_address

NAME = "headroom"
HERE = "hr_…"  # where the token's text goes


@dataclass(frozen=True, slots=True)
class Setup:
    """`text` goes into `place`: a file, or the command line. `then`: what the program does with it."""

    title: str
    place: Any
    text: str
    then: Any


def signed_in() -> list[Setup]:
    """For programs that open the browser and sign in by themselves (OAuth): nothing secret is copied."""
    url = our_address("/mcp")
    asks = _("It opens this desk in your browser and asks you.")
    return [
        Setup(
            "Claude Code",
            _("in a terminal"),
            f"claude mcp add --transport http {NAME} \\\n  {url}",
            _("Then type /mcp in it."),
        ),
        Setup("Cursor", "~/.cursor/mcp.json", _pretty({"mcpServers": {NAME: {"url": url}}}), asks),
        Setup("VS Code", ".vscode/mcp.json", _pretty({"servers": {NAME: {"type": "http", "url": url}}}), asks),
    ]


def with_token(text: str = HERE) -> list[Setup]:
    """For programs that are given a token; without its text a place for it. It ends within a day, with its agent."""
    url, header = our_address("/mcp"), {"Authorization": f"Bearer {text}"}
    env = {"HEADROOM_URL": str(settings.BASE_URL), "HEADROOM_TOKEN": text}
    return [
        Setup(
            "Claude Code", _("in a terminal"),
            f'claude mcp add --transport http {NAME} {url} \\\n  --header "Authorization: Bearer {text}"', "",
        ),
        Setup("Cursor", "~/.cursor/mcp.json", _pretty({"mcpServers": {NAME: {"url": url, "headers": header}}}), ""),
        Setup(
            "VS Code", ".vscode/mcp.json",
            _pretty({"servers": {NAME: {"type": "http", "url": url, "headers": header}}}), "",
        ),
        Setup(
            str(_("Others, over stdio")), "mcp.json",
            _pretty({"mcpServers": {NAME: {"command": "python3", "args": ["headroom", "mcp"], "env": env}}}),
            _("With the command that this desk serves; see pipelines."),
        ),
    ]  # fmt: skip


def _pretty(document: Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False)
