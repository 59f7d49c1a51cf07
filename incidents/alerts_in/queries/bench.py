"""The bench: what would become of a body, without anything becoming of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from incidents.alerts_in import formats
from incidents.alerts_in.models import AlertSource
from incidents.alerts_in.queries import routes

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Tried:
    """One alert of the body, and where the rules would send it. `rule`: its place from 1, 0 where none fits."""

    told: formats.Told
    way: routes.Way


@dataclass(frozen=True, slots=True)
class Bench:
    """`unread`: why the whole cannot be read; `wrong`: single alerts that cannot be."""

    tried: Sequence[Tried] = ()
    wrong: Sequence[formats.Wrong] = ()
    unread: str = ""
    more: int = 0


def try_body(source: AlertSource, document: Any, *, rules: Sequence[Any] | None = None) -> Bench:
    """What the source's shape and mapping read in it, and which rule each alert meets. `rules`: others than hold."""
    try:
        read = formats.read(source.shape, document, source.mapping)
    except formats.NotOurs as error:
        return Bench(unread=str(error))
    asked = routes.held() if rules is None else routes.Routes(rules, 0)
    asked.look_up(read.told[:MOST_SHOWN], source)
    tried = [Tried(one, asked.of(one, source)) for one in read.told[:MOST_SHOWN]]
    return Bench(tried, read.wrong[:MOST_SHOWN], more=max(0, len(read.told) - MOST_SHOWN))
