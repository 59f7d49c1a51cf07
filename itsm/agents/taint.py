"""Who has read words of strangers writes nothing outward for an hour, unless its owner allows it.

Words that a stranger chose may steer the program that reads them. So an answer that quotes any marks the agent, and the
mark keeps it from tools that write outward; which of its tokens read, and which would write, makes no difference.
"""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext
from pydantic import BaseModel

from itsm.agents.acting import Call
from itsm.agents.answers import Answer, Quoted
from itsm.agents.models import Agent
from itsm.agents.tools import Tool
from itsm.kernel.errors import NotPermitted

HOLDS = timedelta(hours=1)
# The mark is written at most so often; who is let go is let go so much later.
_GRAIN = timedelta(minutes=1)
_QUOTED = re.compile("“([^”]*)”")
_CLOSED = re.compile(r"[\w.,:@+/…-]*", re.ASCII)


class ReadOutside(NotPermitted):
    """`until`: when it may again; `remedy`: what helps before."""

    code, title = "read-outside", "It has read words of strangers"


def note(call: Call, answer: Answer) -> bool:
    """Keep that the agent reads words of strangers now, where this answer holds any; whether it does. Before the answer
    leaves: what it moves the agent to comes after. Raises nothing."""
    if not holds_words(answer):
        return False
    _mark(call)
    return True


def note_refusal(call: Call, refusal: Any, arguments: str) -> bool:
    """The same of a refusal of a tool: what it repeats in “…” and the agent did not say itself (`arguments`, a JSON
    text) was written by somebody else, unless it is of the alphabet of slugs. Raises nothing."""
    said = _texts(json.loads(arguments))
    spans = {one for text in _texts(refusal) for one in _QUOTED.findall(text)}
    if all(_CLOSED.fullmatch(one) or any(one in text for text in said) for one in spans):
        return False
    _mark(call)
    return True


def _texts(part: Any) -> list[str]:
    if isinstance(part, str):
        return [part]
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return [text for one in inner for text in _texts(one)]


def _mark(call: Call) -> None:
    known = call.agent.read_outside_at
    if known is None or known <= call.at - _GRAIN:
        stale = Q(read_outside_at=None) | Q(read_outside_at__lte=call.at - _GRAIN)
        if Agent.objects.filter(stale, pk=call.agent.pk).update(read_outside_at=call.at):
            call.agent.read_outside_at = call.at


def require_clean(call: Call, tool: Tool) -> None:
    """Refuse a tool that writes outward while the mark holds. Raises ReadOutside."""
    if not tool.writes_outward:
        return
    read_at, allowed = Agent.objects.values_list("read_outside_at", "outward_after_reading").get(pk=call.agent.pk)
    if read_at is None or tool.capability in allowed or call.at >= (until := read_at + HOLDS + _GRAIN):
        return
    raise ReadOutside(
        gettext(
            "This agent has read words of strangers within the hour, so it may not use %(tool)s, which writes outward, "
            "before %(until)s."
        )
        % {"tool": tool.name, "until": f"{until:%Y-%m-%d %H:%M:%S %Z}"},
        remedy=gettext(
            "Wait, or ask the person this agent acts for: they may do it themselves, or allow the capability "
            "%(capability)s after reading on the page of the agent."
        )
        % {"capability": tool.capability.value},
        until=until.isoformat(),
    )


def holds_words(part: Any) -> bool:
    """Whether a part of an answer, at any depth, quotes somebody."""
    if isinstance(part, Quoted):
        return True
    if isinstance(part, BaseModel):
        return any(holds_words(value) for _name, value in part)
    if isinstance(part, Mapping):
        return any(map(holds_words, part.values()))
    if isinstance(part, Iterable) and not isinstance(part, str | bytes):
        return any(map(holds_words, part))
    return False
