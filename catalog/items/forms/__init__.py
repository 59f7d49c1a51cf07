"""Shapes of what people type: the form of an item as who asks for it fills it in, and what its writers type."""

from catalog.items.forms.asking import draw, sent_answers
from catalog.items.forms.files import files_among, keep_files

__all__ = ["draw", "files_among", "keep_files", "sent_answers"]
