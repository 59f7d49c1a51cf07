"""Macros in bulk: whoever keeps macros says here what a slug means, and how placeholders are filled in."""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext

from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from itsm.work.actions import Action

Named = Callable[[str, str, Actor], tuple[str, Sequence[Action]] | None]  # slug, record kind, actor -> name, actions
Rendered = Callable[[Sequence[Action], Any, Actor], Sequence[Action]]  # actions, record, actor -> with real texts


def _none(slug: str, record_kind: str, actor: Actor) -> None:
    return None


def _as_they_are(todo: Sequence[Action], record: Any, actor: Actor) -> Sequence[Action]:
    return todo


_keeper: list[Any] = [_none, _as_they_are]


def register(named: Named, rendered: Rendered) -> None:
    """Say what macros there are, and how the texts of their actions are written for a record. Called once, at start."""
    _keeper[:] = [named, rendered]


def named(slug: str, record_kind: str, actor: Actor) -> tuple[str, Sequence[Action]]:
    """Name and actions of a macro that the actor may use. Raises InvalidInput where there is none."""
    found: tuple[str, Sequence[Action]] | None = _keeper[0](slug, record_kind, actor)
    if found is None:
        words = gettext("There is no macro %(slug)s, or you may not use it.") % {"slug": slug[:80]}
        raise InvalidInput(words, {"macro": [words]})
    return found


def rendered(todo: Sequence[Action], record: Any, actor: Actor) -> Sequence[Action]:
    """The actions with the placeholders of their texts filled in for this record. Raises what the keeper refuses."""
    filled: Sequence[Action] = _keeper[1](todo, record, actor)
    return filled
