"""The tools as the protocol lists them: schemas of what they take and answer, and hints of what they do."""

from collections.abc import Collection
from functools import cache
from typing import Any

from mcp_types import Tool as Listed
from mcp_types import ToolAnnotations

from itsm.agents import tools
from itsm.agents.tools import Tool


def listed(capabilities: Collection[str]) -> list[Listed]:
    """Those whose capability is among these, by name."""
    return [_as_listed(tool) for tool in tools.every() if tool.capability in capabilities]


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
