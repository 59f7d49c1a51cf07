"""What lies above or beside tells a war room what else happened: deployments, burn alerts, pages, public updates."""

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from incidents.major.vocabulary import Source


class Happened(NamedTuple):
    """A line of the timeline, as a source may tell it: `by` whom, and where it is read (`url`, one of our paths)."""

    key: str
    at: datetime
    text: str
    source: Source
    by: str = ""
    url: str = ""


Gather = Callable[
    [Collection[int]], Iterable[Any]
]  # each has key, at, text and source (a word of Source); by and url, where it has them
_sources: list[Gather] = []


def register(gather: Gather) -> None:
    """`gather(incident_ids)` says what else happened around these incidents, in any order. Called in `ready()` of what
    knows it; everybody who sees the incident reads it, so it names nothing that is confidential elsewhere."""
    if gather not in _sources:
        _sources.append(gather)


def gathered(incident_ids: Collection[int]) -> Iterator[Happened]:
    """What all of them say, each thing once."""
    told: set[str] = set()
    for gather in _sources:
        for one in gather(incident_ids):
            if one.key in told:
                continue
            told.add(one.key)
            said = getattr(one, "by", ""), getattr(one, "url", "")
            yield Happened(one.key, one.at, one.text, Source(str(one.source)), *said)
