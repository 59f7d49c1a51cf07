"""How programs that speak the protocol are told of this desk, to be copied: each in its own format."""

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from itsm.notifications.web_addresses import our_address

NAME = "headroom"
COMMAND = "headroom"  # the file, in one's home
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
            f"claude mcp add \\\n  --transport http {NAME} \\\n  {url}",
            _("Then type /mcp in it."),
        ),
        Setup("Cursor", "~/.cursor/mcp.json", _pretty({"mcpServers": {NAME: {"url": url}}}), asks),
        Setup("VS Code", ".vscode/mcp.json", _pretty({"servers": {NAME: {"type": "http", "url": url}}}), asks),
    ]


def with_token(text: str = HERE) -> list[Setup]:
    """For programs that are given a token; without its text a place for it. It ends within a day, with its agent.

    Claude Code and Cursor get it over stdio: told of a header, they look for a sign-in first, find ours and drop it.
    """
    env = {"HEADROOM_URL": str(settings.BASE_URL), "HEADROOM_TOKEN": text}
    words = " ".join(f"--env {name}={value}" for name, value in env.items())
    http = {"type": "http", "url": our_address("/mcp"), "headers": {"Authorization": "Bearer ${input:headroom-token}"}}
    asked = {"type": "promptString", "id": "headroom-token", "description": "Headroom", "password": True}
    return [
        Setup(
            str(_("First the command that this desk serves")), _("in a terminal"),
            f"curl -fsSo ~/{COMMAND} {our_address('/headroom')}", _("One file; it needs Python 3.8 and nothing else."),
        ),
        Setup(
            "Claude Code", _("in a terminal"),
            f"claude mcp add \\\n  {words} \\\n  --transport stdio {NAME} -- python3 ~/{COMMAND} mcp", "",
        ),
        Setup("Cursor", "~/.cursor/mcp.json", _over_stdio("${userHome}", env), ""),
        Setup(
            "VS Code", ".vscode/mcp.json", _pretty({"inputs": [asked], "servers": {NAME: http}}),
            _("It asks for the token and keeps it outside of the repository."),
        ),
        Setup(str(_("Others, over stdio")), "mcp.json", _over_stdio("/PATH/TO", env), _("Say where you put the file.")),
    ]  # fmt: skip


def _over_stdio(home: str, env: dict[str, str]) -> str:
    return _pretty({"mcpServers": {NAME: {"command": "python3", "args": [f"{home}/{COMMAND}", "mcp"], "env": env}}})


def _pretty(document: Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False)
