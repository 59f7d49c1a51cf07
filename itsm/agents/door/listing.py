"""The tools as the protocol lists them: schemas of what they take and answer, and hints of what they do."""

from collections.abc import Collection
from functools import cache, lru_cache
from typing import Any

from mcp_types import ListToolsResult, ToolAnnotations
from mcp_types import Tool as Listed

from itsm.agents import tools
from itsm.agents.door.sending import KEPT_FOR, as_sent
from itsm.agents.tools import Tool


def listed(capabilities: Collection[str], revision: str) -> dict[str, Any]:
    """Those whose capability is among these, by name, as the result is sent in that revision."""
    return _as_sent(tuple(tool for tool in tools.every() if tool.capability in capabilities), revision)


@lru_cache(maxsize=64)
def _as_sent(those: tuple[Tool, ...], revision: str) -> dict[str, Any]:
    found = ListToolsResult(tools=[_as_listed(tool) for tool in those], ttl_ms=KEPT_FOR)
    return as_sent("tools/list", revision, found)


@cache
def _as_listed(tool: Tool) -> Listed:
    return Listed(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=_terse(tool.arguments.model_json_schema()),
        output_schema=_terse(tool.answer.model_json_schema(mode="serialization")),
        annotations=ToolAnnotations(
            read_only_hint=not tool.writes,
            destructive_hint=False,  # nothing that an agent may do takes something away
            idempotent_hint=not tool.writes,
            open_world_hint=tool.writes_outward,
        ),
    )


def _terse(schema: Any) -> Any:
    """Without the titles that are made of names: a model reads all of it each time."""
    match schema:
        case dict():
            return {
                name: _terse(value)
                for name, value in schema.items()
                if not (name == "title" and isinstance(value, str))
            }
        case list():
            return [_terse(one) for one in schema]
    return schema
