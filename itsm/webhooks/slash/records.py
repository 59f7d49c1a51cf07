"""Which records commands may name. Kinds register in `AppConfig.ready()` how they are found and what may be done."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from itsm.kernel.actors import Actor
from itsm.kernel.references import number_in


@dataclass(frozen=True, slots=True)
class Heard:
    """`visible(actor)`: what the actor may see. `discreet(record)`: of it a chat is told nothing but a link.

    `note(record, actor=, text=)` and `acknowledge(record, actor=)` are the record's own operations, None where it has
    none: they judge who may.
    """

    prefix: str
    visible: Callable[[Actor], QuerySet[Any]]
    discreet: Callable[[Any], bool] = lambda record: False
    note: Callable[..., Any] | None = None
    acknowledge: Callable[..., Any] | None = None


_known: list[Heard] = []


def hears(kind: Heard) -> None:
    """Let commands name records of a kind. Called once per kind, at start."""
    _known[:] = [one for one in _known if one.prefix != kind.prefix] + [kind]


def called(actor: Actor, reference: str) -> tuple[Heard, Any] | None:
    """The record of this reference, among those that the actor may see, with what may be done; else None."""
    for kind in _known:
        number = number_in(reference, kind.prefix)
        if number is not None:
            record = kind.visible(actor).filter(pk=number).first()
            return (kind, record) if record is not None else None
    return None
