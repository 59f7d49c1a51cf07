"""The texts inside of actions: which they are, who reads them, and their places filled in."""

from collections.abc import Callable, Sequence
from typing import Any

from itsm.kernel.actors import Actor
from itsm.macros import placeholders
from itsm.work.actions import Action

# Notes and tasks are for those who work on the record; a caller reads replies, and the words of a step.
_PUBLIC = {"reply", "step"}


def filled(action: Action, record: Any, actor: Actor) -> Action:
    """The action as it reads about this record; what is filled in is never read again."""
    public = action.kind in _PUBLIC
    return _each(action, lambda text: placeholders.written_for(record, text, actor=actor, public=public))


def check(actions: Sequence[Action]) -> None:
    """Raise InvalidInput, with the list of what is known, for a placeholder that there is not."""
    for place, action in enumerate(actions):

        def look(text: str, field: str = f"actions/{place}") -> str:
            placeholders.check(text, field)
            return text

        _each(action, look)


def _each(action: Action, change: Callable[[str], str]) -> Action:
    """The action with each of its texts changed."""
    value = action.value
    match action.kind:
        case "note" | "reply":
            return action._replace(value=change(value))
        case "tasks":
            return action._replace(value=[{**one, "title": change(one["title"])} for one in value])
        case "step":
            words = {name: change(word) for name, word in value.items() if isinstance(word, str) and name != "step"}
            return action._replace(value={**value, **words})
    return action
