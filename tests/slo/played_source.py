"""A small source that speaks Prometheus' API and plays what a test says: figures, gaps, faults.

with played_source() as source:
    source.figures["total"] = lambda minute: 100
    source.faults = lambda query, first, end: Reply(500)      # None: answers as usual
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.itsm.scripted_server import Asked, Reply, Scripted, scripted

Figures = Callable[[int], float | None]


@dataclass
class PlayedSource:
    """`asked`: (query, first minute, end) of every question, in turn. `remarks` stand beside every answer's data."""

    script: Scripted
    figures: dict[str, Figures] = field(default_factory=dict)
    faults: Callable[[str, int, int], Reply | None] = lambda query, first, end: None
    remarks: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, int, int]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.script.url

    def answer(self, asked: Asked) -> Reply:
        given = {name: values[0] for name, values in parse_qs(urlsplit(asked.path).query).items()}
        query, step = given["query"], int(given["step"])
        instants = range(int(given["start"]), int(given["end"]) + 1, step)
        first, end = int(given["start"]) // 60 - step // 60, int(given["end"]) // 60
        self.asked.append((query, first, end))
        if fault := self.faults(query, first, end):
            return fault
        found = {instant: self.figures[query](instant // 60 - 1) for instant in instants}
        points = [[instant, str(value)] for instant, value in found.items() if value is not None]
        result = [{"metric": {}, "values": points}] if points else []
        document = {"status": "success", "data": {"resultType": "matrix", "result": result}, **self.remarks}
        return Reply(body=json.dumps(document).encode())


@contextmanager
def played_source() -> Iterator[PlayedSource]:
    with scripted() as script:
        source = PlayedSource(script)
        script.answer = source.answer
        yield source


def refused(status: int, words: str, kind: str = "execution") -> Reply:
    """What Prometheus says when it will not."""
    return Reply(status, json.dumps({"status": "error", "errorType": kind, "error": words}).encode())
