"""The kinds of records that macros and templates are for. Each registers itself in `AppConfig.ready()`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Choices:
    """What an editor offers. `fields`: (label, [(name, value, label)]); `typed`: (name, label) of fields whose value
    is written."""

    fields: Sequence[tuple[str, Sequence[tuple[str, Any, str]]]]
    typed: Sequence[tuple[str, str]]
    steps: Sequence["StepChoice"]


@dataclass(frozen=True, slots=True)
class StepChoice:
    """One way to take a step: with the words that are chosen already, and the name of the one that is written."""

    step: str
    label: str
    words: Mapping[str, str]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Owner:
    """`find(actor, reference)` raises NotFound. `queue_of(record)`: the id of its team. `choices`: for the editor.

    `prefill(values, actor, strict)`: the values of a template as the operation that creates a record takes them;
    `strict` raises InvalidInput for what nothing could be made of, else that is left out.
    """

    label: Any
    find: Callable[[Actor, str], Any]
    queue_of: Callable[[Any], int]
    choices: Callable[[Actor], Choices]
    prefill: Callable[..., dict[str, Any]]


def editor_label(choices: Choices, kind: str, value: Any) -> str:
    """A step or a field's new value in the words of the editor; "" of the other kinds of actions."""
    if kind == "step":
        fits = (one for one in choices.steps if one.step == value["step"])
        found = next((one for one in fits if one.words.items() <= value.items()), None)
        return found.label if found is not None else str(value["step"])
    if kind != "field":
        return ""
    known = {(name, str(of)): f"{label}: {said}" for label, rows in choices.fields for name, of, said in rows}
    return ", ".join(known.get((name, str(of)), f"{name}: {of}") for name, of in value.items())


_known: dict[str, Owner] = {}


def register(record_kind: str, owner: Owner) -> None:
    """Let records of this kind have macros and templates."""
    _known[record_kind] = owner


def kinds() -> list[str]:
    """The kinds that registered, in their order."""
    return list(_known)


def owner_of(record_kind: str) -> Owner:
    """Raises InvalidInput for a kind that has neither macros nor templates."""
    found = _known.get(record_kind)
    if found is None:
        words = _("There are none for this kind; known are %(known)s.") % {"known": ", ".join(_known)}
        raise InvalidInput.about("record_kind", words)
    return found
