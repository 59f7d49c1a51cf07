"""What a message says of a record: each kind that other systems may hear of registers how it is drawn.

Registered above, in `AppConfig.ready()`. A picture is what the REST API shows to somebody who works here and belongs to
no team: no private note, nothing of a confidential queue.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

from django.db.models import Model
from rest_framework.serializers import Serializer

from itsm.accounts.models import Team
from itsm.kernel.actors import Actor, Door, Kind, Role
from itsm.kernel.workflow import Workflow
from itsm.lifecycle import RecordEvent

# Reads as a member of no team: what a confidential queue holds beside the record itself stays out.
READER = Actor(id=None, name="webhooks", kind=Kind.SERVICE, roles=frozenset({Role.AGENT}), via=Door.TASK)
_FOR_CALLERS = ("available",)  # what somebody may do next; nobody calls here


@dataclass(frozen=True, slots=True)
class Pictured:
    """`title`: of the kind, in people's words. `draw(record)`: JSON's values. `queues(record)`: the teams in whose
    queues it lies. `events`: what happens to such records, as messages say it (`resolved`, `put_on_hold`); of other
    news nobody is told. `discreet(news)`: news that stays inside, such as a private note."""

    model: type[Model]
    title: Any
    draw: Callable[[Any], dict[str, Any]]
    queues: Callable[[Any], Iterable[Team]]
    events: tuple[str, ...]
    discreet: Callable[[RecordEvent], bool]


_known: dict[str, Pictured] = {}
_connecting: list[Callable[[type[Model]], None]] = []


def each_model(connect: Callable[[type[Model]], None]) -> None:
    """Called with every model that is registered from now on."""
    _connecting.append(connect)


def pictured(
    model: type[Model],
    draw: Callable[[Any], dict[str, Any]],
    *,
    title: Any,
    queues: Callable[[Any], Iterable[Team]] = lambda record: (),
    workflows: Iterable[Workflow] = (),
    events: Iterable[str] = (),
    discreet: Callable[[RecordEvent], bool] = lambda news: False,
) -> None:
    """Let other systems hear of records of a model: its steps, `created`, `edited`, and the other events named here."""
    kind = cast("Any", model).kind
    steps = (step.done for workflow in workflows for step in workflow.steps.values())
    names = dict.fromkeys(word_of(one) for one in ("created", "edited", *steps, *events))
    _known[kind] = Pictured(model, title, draw, queues, tuple(names), discreet)
    for connect in _connecting:
        connect(model)


def kinds() -> dict[str, Pictured]:
    return dict(sorted(_known.items()))


def kind_of(kind: str) -> Pictured | None:
    return _known.get(kind)


def word_of(event: str) -> str:
    """An event's name as a part of a message's type: letters, digits and underscores."""
    return "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in event.strip().lower())


def as_api(serializer: type[Serializer[Any]], record: Any, **view: Any) -> dict[str, Any]:
    """The record as this serializer of the REST API shows it to `READER`."""
    drawn = serializer(record, context={"view": SimpleNamespace(actor=READER, **view), "request": None})
    for name in _FOR_CALLERS:
        drawn.fields.pop(name, None)
    return dict(drawn.data)
