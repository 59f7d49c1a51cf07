"""What lies above or beside tells a war room what else happened: deployments, burn alerts, pages, public updates."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from incidents.major.vocabulary import Source


class Happened(NamedTuple):
    """A line of the timeline: `key` names it among all sources ("page:17"), `url` leads to where it is read."""

    key: str
    at: datetime
    text: str
    source: Source
    by: str = ""
    url: str = ""


Gather = Callable[[Collection[int]], Iterable[Happened]]
_sources: list[Gather] = []


def register(gather: Gather) -> None:
    """`gather(incident_ids)` says what else happened around these incidents, in any order. Called in `ready()` of what
    knows it; everybody who sees the incident reads it, so it names nothing that is confidential elsewhere."""
    if gather not in _sources:
        _sources.append(gather)


def gathered(incident_ids: Collection[int]) -> list[Happened]:
    """What all of them say."""
    return [one for gather in _sources for one in gather(incident_ids)]
