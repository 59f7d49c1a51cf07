"""One thing that somebody asked for, in the words of who asks."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Line:
    """`words`, `tone`: how it stands. `next`: what it waits for from its reader, as a sentence; "" for nothing.
    `who`: whose it is, where it is somebody else's; then `url` is "": there is nothing to open."""

    reference: str
    title: str
    url: str
    words: str
    tone: str
    at: datetime
    next: str = ""
    who: str = ""
