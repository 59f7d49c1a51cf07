"""What was achieved of what is promised: told by what lies above the catalog, which measures it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Achieved:
    """What one objective of a service measured: the good share in its window of `days` up to `until`.

    `share` is None where nothing was measured; `is_current`: measurements still arrive.
    """

    name: str
    url: str
    share: Decimal | None
    days: int
    until: datetime | None
    is_current: bool

    def keeps(self, promised: Decimal) -> bool | None:
        """Whether the promised share was reached; None where nobody can say, old measurements included."""
        return None if self.share is None or not self.is_current else self.share >= promised


Read = Callable[[Collection[int], datetime], Mapping[int, Sequence[Achieved]]]

_reads: list[Read] = []


def come_from(read: Read) -> None:
    """Say who measures: `read(ids of services, at)` gives what was achieved for each, in a fixed number of queries.
    Called once, in `AppConfig.ready()`."""
    _reads[:] = [read]


def achieved(services: Collection[int], at: datetime) -> Mapping[int, Sequence[Achieved]]:
    """By service what its objectives measured; nothing where nobody measures."""
    return _reads[0](services, at) if _reads and services else {}
