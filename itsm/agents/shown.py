"""Parts that the answers of many tools share, and the pages that they come in."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, TypeVar

from django.db.models import QuerySet
from django.utils.translation import gettext
from pydantic import Field

from itsm.accounts.reading import was_read
from itsm.agents.acting import Call
from itsm.agents.answers import Origin, Quoted, Shape
from itsm.agents.quoting import quoted
from itsm.kernel.errors import InvalidInput

_Row = TypeVar("_Row")
_CLOSED = re.compile(r"[\w.@+-]+")  # what slugs, user names and references are made of
_CURSOR = re.compile(r"[1-9]\d{0,17}", re.ASCII)

Cursor = Annotated[
    str | None, Field(default=None, max_length=20, description="`next_cursor` of the answer before; none at first.")
]
NextCursor = Annotated[str | None, Field(default=None, description="Send it as `cursor` for what follows; null: all.")]


class Person(Shape):
    """Somebody of the desk, or who asks it."""

    login: str = Field(description="The user name.")
    name: Quoted


class Named(Shape):
    """A service, a queue, a category."""

    slug: str
    name: Quoted


class Said(Shape):
    """What somebody wrote on a record. `private`: for the desk alone."""

    id: int
    at: datetime
    private: bool
    text: Quoted
    files: list[Quoted] = Field(default_factory=list, description="Names of the files that were sent with it.")


def name(text: str) -> Quoted:
    """A name that somebody chose, as a quotation."""
    return quoted(text, Origin.NAME)


def person(user: Any) -> Person | None:
    """An account; None for none."""
    return None if user is None else Person(login=user.username, name=name(user.name or user.username))


def named(record: Any) -> Named | None:
    """What has a slug and a name; None for none."""
    return None if record is None else Named(slug=record.slug, name=name(record.name))


def words_of(text: str) -> str:
    """A reference, where it is made of letters, digits and `. @ + - _` alone; empty else: what is free is quoted."""
    return text if _CLOSED.fullmatch(text) else ""


def was_shown(call: Call, record: Any) -> None:
    """A tool shows this record: where it lies in a confidential queue the history says that the agent read it, and with
    whose rights."""
    owner = call.agent.account.owner
    behind = f"person:{owner.username}" if owner is not None else ""
    was_read(record, call.eyes, noted_as=replace(call.actor, looks_as=behind))


def page_at(cursor: str | None) -> int:
    """Where a page begins. Raises InvalidInput for what no answer gave."""
    if cursor is None:
        return 0
    if not _CURSOR.fullmatch(cursor):
        raise InvalidInput.about("cursor", gettext("A cursor is the next_cursor of an answer, or left out."))
    return int(cursor)


def cut(rows: "Sequence[_Row] | QuerySet[Any]", begin: int, most: int) -> tuple[list[_Row], str | None]:
    """One page of rows, and the cursor of the next; of a query no more is read than that."""
    end = begin + most
    found: list[_Row] = list(rows[begin : end + 1])
    return found[:most], str(end) if len(found) > most else None
