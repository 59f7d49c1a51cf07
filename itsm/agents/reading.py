"""Tools that read one record: asked in the same way, page by page, and noted where the record is confidential."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext
from pydantic import Field, create_model

from itsm.agents.acting import Call
from itsm.agents.answers import Answer, Arguments
from itsm.agents.capabilities import Capability
from itsm.agents.shown import Cursor, page_at, was_shown
from itsm.agents.tools import Tool

LONGEST_REFERENCE = 20


class OneRecord(Arguments):
    """Which record, and from where its pages go on."""

    reference: str = Field(min_length=1, max_length=LONGEST_REFERENCE)
    cursor: Cursor = None


def reading_tool(
    kind: str, title: str, description: str, *, example: str, answer: type[Answer], run: Callable[[Call, Any], Answer]
) -> Tool:
    """The tool `read_<kind>`. `example`: a reference of that kind; `run(call, wanted)` takes a `OneRecord`."""
    reference = Field(min_length=1, max_length=LONGEST_REFERENCE, description=f"Such as {example}.")
    return Tool(
        name=f"read_{kind}",
        title=title,
        description=description,
        capability=Capability.DESK_READ,
        arguments=create_model("Wanted", __base__=OneRecord, reference=(str, reference)),
        answer=answer,
        run=run,
    )


def opened(call: Call, wanted: OneRecord, record: Any) -> int:
    """The agent reads this record: where the page begins that it wants. Raises InvalidInput for an odd cursor."""
    begin = page_at(wanted.cursor)
    was_shown(call, record)
    return begin


def read_on(cursor: str | None) -> list[str]:
    """What to do where there is more; nothing where that was all."""
    return [gettext("Read on: the same with cursor %(cursor)s.") % {"cursor": cursor}] if cursor else []


def older_notes(cursor: str | None) -> list[str]:
    """The same of notes, whose newest come first."""
    return [gettext("Read older notes: the same with cursor %(cursor)s.") % {"cursor": cursor}] if cursor else []
