"""Who has read words of strangers writes nothing outward for an hour, unless its owner allows it.

Words that a stranger chose may steer the program that reads them. So an answer that quotes any marks the agent, and the
mark keeps every agent of its owner from tools that write outward: two programs of one person hand each other words
where nothing here sees it. Which of them read, by which token, and whether it has ended since, makes no difference.
"""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext
from pydantic import BaseModel

from itsm.accounts.interest import counting_as
from itsm.agents import tools
from itsm.agents.acting import Call
from itsm.agents.answers import Answer, Quoted
from itsm.agents.models import Agent
from itsm.agents.tools import Tool
from itsm.kernel.errors import NotPermitted
from itsm.notifications.web_addresses import our_address

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
    found = _read_last(call)
    if found is None or call.at >= (until := found[0] + HOLDS + _GRAIN):
        return
    if tool.capability in Agent.objects.values_list("outward_after_reading", flat=True).get(pk=call.agent.pk):
        return
    own = found[1] == call.agent.reference
    said = (
        gettext(
            "This agent has read words of strangers within the hour, so it may not use %(tool)s, which writes outward, "
            "before %(until)s."
        )
        if own
        else gettext(
            "%(reader)s, an agent of the same person, has read words of strangers within the hour, so none of theirs "
            "may use %(tool)s, which writes outward, before %(until)s."
        )
    )
    raise ReadOutside(
        said % {"tool": tool.name, "until": f"{until:%Y-%m-%d %H:%M:%S %Z}", "reader": found[1]},
        remedy=gettext(
            "Wait, or ask the person this agent acts for: they may do it themselves, or allow the capability "
            "%(capability)s after reading, on the page of the agent: %(page)s"
        )
        % {"capability": tool.capability.value, "page": our_address(call.agent.get_absolute_url())},
        until=until.isoformat(),
    )


def say_from_when(call: Call, answer: Answer) -> Answer:
    """The same answer; where its next steps name tools from which the agent is kept by this alone, they begin with
    until when, and what helps before: who lacks the capability waits for nothing. A query for each such tool. Raises
    nothing."""
    told = []
    for tool in tools.every():
        if tool.writes_outward and call.holds(tool.capability) and any(tool.name in step for step in answer.next):
            try:
                require_clean(call, tool)
            except ReadOutside as refused:
                told.append(f"{refused.detail} {refused.extra['remedy']}")
    return answer.model_copy(update={"next": [*told, *answer.next]}) if told else answer


def _read_last(call: Call) -> tuple[datetime, str] | None:
    """When an agent of this person read such words last, and which one; of accounts merged into theirs as well."""
    theirs = Agent.objects.filter(account__in=counting_as(call.agent.account.owner_id))
    read = theirs.exclude(read_outside_at=None).order_by("-read_outside_at")
    found = read.values_list("read_outside_at", "account__username").first()
    return (found[0], found[1]) if found is not None and found[0] is not None else None


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
