"""The tools of the agents' door. Each is declared by the app that knows its practice, in `ready()`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from itsm.agents.acting import Call
from itsm.agents.answers import Answer, Arguments
from itsm.agents.capabilities import Capability


@dataclass(frozen=True, slots=True)
class Tool:
    """`run(call, arguments)` gives the `answer`, or raises a DomainError, which the agent is told as a sentence.

    `name`: a verb, searchable; `description`: for a program that chooses among tools, in English. `writes`: something
    of the desk is changed by it; `writes_outward`: that leaves the desk, or counts, before a person has seen it.
    `again(call, first)`: of a tool whose arguments are `Repeatable`, what its first answer made as it stands now, for
    who sends the same key once more; without it the first answer is given again.
    """

    name: str
    title: str
    description: str
    capability: Capability
    arguments: type[Arguments]
    answer: type[Answer]
    run: Callable[[Call, Any], Answer]
    writes: bool = False
    writes_outward: bool = False
    again: Callable[[Call, Any], Answer] | None = None


_tools: dict[str, Tool] = {}


def register(tool: Tool) -> None:
    """Declare a tool, once. Raises RuntimeError for a name that is taken, or a tool that writes outward and says not
    that it writes."""
    if tool.name in _tools or (tool.writes_outward and not tool.writes):
        raise RuntimeError(f"the tool {tool.name} is declared twice, or oddly")
    _tools[tool.name] = tool


def every() -> tuple[Tool, ...]:
    """All tools, by name."""
    return tuple(_tools[name] for name in sorted(_tools))


def find(name: str) -> Tool | None:
    """The tool of that name; None where there is none."""
    return _tools.get(name)
