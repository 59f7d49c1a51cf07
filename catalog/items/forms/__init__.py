"""Shapes of what people type: the form of an item as who asks for it fills it in, and what its writers type."""

from catalog.items.forms.asking import draw, sent_answers

__all__ = ["draw", "sent_answers"]
