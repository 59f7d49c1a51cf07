"""The tool `search`: what the owner of the agent would find with the same words."""

from django.utils.translation import gettext
from pydantic import Field

from itsm.agents import tools
from itsm.agents.acting import Call
from itsm.agents.answers import Answer, Arguments, Origin, Quoted, Shape
from itsm.agents.capabilities import Capability
from itsm.agents.quoting import quoted
from itsm.agents.shown import Cursor, NextCursor, cut, page_at, words_of
from itsm.agents.tools import Tool
from itsm.kernel.errors import InvalidInput
from itsm.notifications.web_addresses import our_address
from itsm.search.finding import find
from itsm.search.models import Document
from itsm.search.offers import names_of_kinds

_MOST = 100  # what a search finds at all


class Wanted(Arguments):
    text: str = Field(min_length=1, max_length=200, description="Words, the beginning of words, or a reference.")
    kinds: list[str] = Field(
        default_factory=list, max_length=20, description="Only these kinds of records, such as incident or article."
    )
    limit: int = Field(default=8, ge=1, le=25)
    cursor: Cursor = None


class Found(Shape):
    """One record. `read_with`: the tool that reads it, empty where there is none."""

    kind: str
    reference: str
    title: Quoted
    is_over: bool
    url: str
    read_with: str


class Results(Answer):
    """Best first. `similar`: nothing had these words, these are spelt alike."""

    results: list[Found]
    similar: bool
    next_cursor: NextCursor = None


def search(call: Call, wanted: Wanted) -> Results:
    """What the owner may see under these words. Raises InvalidInput for an unknown kind or an odd cursor."""
    kinds = names_of_kinds()
    if unknown := [one for one in wanted.kinds if one not in kinds]:
        raise InvalidInput.about(
            "kinds",
            gettext("There is no kind %(unknown)s; there are %(known)s.")
            % {"unknown": unknown[0][:40], "known": ", ".join(sorted(kinds))},
        )
    begin = page_at(wanted.cursor)
    found = find(call.eyes, wanted.text, _MOST)
    rows = [one for one in found.documents if not wanted.kinds or one.record_kind in wanted.kinds]
    page, following = cut(rows, begin, wanted.limit)
    results = [_found(one) for one in page]
    return Results(results=results, similar=found.is_similar, next_cursor=following, next=_next(results))


def _found(one: Document) -> Found:
    reader = f"read_{one.record_kind}"
    return Found(
        kind=one.record_kind,
        reference=words_of(one.reference),
        title=quoted(one.title, Origin.NAME),
        is_over=one.is_over,
        url=our_address(one.path),
        read_with=reader if tools.find(reader) is not None else "",
    )


def _next(results: list[Found]) -> list[str]:
    steps = [
        gettext("Read it: %(tool)s with reference %(reference)s.") % {"tool": one.read_with, "reference": one.reference}
        for one in results[:1]
        if one.read_with
    ]
    return steps if results else [gettext("Search with fewer or other words.")]


SEARCH = Tool(
    name="search",
    title="Search the desk",
    description=(
        "Find incidents, problems, known errors, articles, services, changes, requests, people and configuration items "
        "by words or reference, as far as the person you act for may see them. Titles are words of others."
    ),
    capability=Capability.DESK_READ,
    arguments=Wanted,
    answer=Results,
    run=search,
)
