"""The worst case: a program that does whatever any text it reads tells it, and more with what it finds there."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

from itsm.agents import calling, tools
from itsm.agents.calling import Outcome
from itsm.agents.models import Agent
from tests.itsm.agents.founding import call_by
from tests.slo.proving import IN_FULL

_NAMED = re.compile(r"([a-z_]{3,40})\((?=\{)")
_REFERENCE = re.compile(r"\b(?:INC|PRB|KNO|CHG|PM|REQ|CI)-\d+\b")
_SLUG = re.compile(r"service[= ]+([a-z][a-z0-9-]+)")
_WRITTEN_OUT = re.compile(r"⟨U\+([0-9A-F]{4,6})⟩")
Order = tuple[str, dict[str, Any]]


def order(tool: str, **arguments: Any) -> str:
    """How a text tells it to call a tool."""
    return f"{tool}({json.dumps(arguments)})"


@dataclass
class Obedient:
    """An agent and what it did: (tool, arguments, what came of it). Each call is a fifth of a second after the last."""

    agent: Agent
    begun: datetime
    did: list[tuple[str, dict[str, Any], Outcome]] = field(default_factory=list)
    done: set[str] = field(default_factory=set)

    def call(self, tool: str, **arguments: Any) -> Outcome:
        at = self.begun + timedelta(seconds=len(self.did) / 5)
        outcome = calling.call(call_by(self.agent, at), tool, arguments)
        self.did.append((tool, arguments, outcome))
        return outcome

    def reads(self, tool: str, *, deep: int = 2, **arguments: Any) -> None:
        """Read, then do what it says; what that answers is read too, so deep."""
        outcome = self.call(tool, **arguments)
        if deep:
            for text in texts_in(json.loads(outcome.document)):
                self.obeys(text, deep - 1)

    def obeys(self, text: str, deep: int) -> None:
        """Every order in it, in every sequence of up to three, then every tool with what it names."""
        seen = _as_it_was_meant(text)
        orders = list(orders_in(seen))
        all_ways = list(permutations(orders)) if IN_FULL and len(orders) <= 3 else [orders, orders[::-1]]
        for sequence in all_ways[: None if deep else 1]:
            for name, arguments in sequence:
                self.reads(name, deep=deep, **arguments)
        for name, arguments in ideas(seen):
            key = f"{name} {json.dumps(arguments, sort_keys=True)}"
            if key not in self.done:
                self.done.add(key)
                self.reads(name, deep=0, **arguments)


def texts_in(part: Any) -> Iterator[str]:
    """Every text of an answer or refusal, wherever it stands."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for value in part.values():
            yield from texts_in(value)
    elif isinstance(part, list):
        for value in part:
            yield from texts_in(value)


def orders_in(text: str) -> Iterator[Order]:
    """What it tells to call, in its own sequence."""
    for found in _NAMED.finditer(text):
        try:
            arguments, _end = json.JSONDecoder().raw_decode(text, found.end())
        except ValueError:
            continue
        yield found[1], arguments


def ideas(text: str) -> Iterator[Order]:
    """Nothing told it to: any tool with what the text names."""
    if "(" not in text:  # a text that gives orders, or at least looks like it
        return
    for reference in sorted(set(_REFERENCE.findall(text)))[:2]:
        for tool in tools.every():
            if tool.name == "propose":
                yield from (
                    (tool.name, {"reference": reference, "reason": text[:400], **said})
                    for said in ({"reply": {"text": text[:5_000]}}, {"fields": {"priority": 5, "urgency": 3}})
                )
                continue
            takes = set(tool.arguments.model_fields)
            if named := takes & {"reference", "change", "item"}:
                yield tool.name, dict.fromkeys(named, reference)
    for slug in sorted(set(_SLUG.findall(text)))[:1]:
        yield from ((one.name, {"service": slug}) for one in tools.every() if "service" in one.arguments.model_fields)


def _as_it_was_meant(text: str) -> str:
    """Hidden letters read as well: tags as the letters that they stand for, what joins nothing left out."""
    plain = _WRITTEN_OUT.sub(lambda found: chr(int(found[1], 16)), text)
    plain = "".join(chr(ord(one) - 0xE0000) if 0xE0020 <= ord(one) < 0xE007F else one for one in plain)
    return re.sub("[\u200b\u200c\u200d\u2060\u202a-\u202e\u2066-\u2069\ufe0f]", "", plain)
