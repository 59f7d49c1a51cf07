"""Macros: the one way each is made, changed, removed, tried out and applied."""

from itsm.macros.operations.applying import (
    Line,
    Preview,
    actions_on,
    apply_macro,
    filled,
    look_at_macro,
    macro_named,
    offered_on,
    preview_macro,
    shown_queues,
    text_of,
)
from itsm.macros.operations.keeping import create_macro, delete_macro, edit_macro, follow_team

__all__ = [
    "Line",
    "Preview",
    "actions_on",
    "apply_macro",
    "create_macro",
    "delete_macro",
    "edit_macro",
    "filled",
    "follow_team",
    "look_at_macro",
    "macro_named",
    "offered_on",
    "preview_macro",
    "shown_queues",
    "text_of",
]
