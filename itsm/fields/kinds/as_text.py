"""Values as text: as pages and CSV bring them, and as people read them."""

from collections.abc import Callable
from typing import Any

from itsm.fields.kinds.definitions import WHOLE, Definition
from itsm.fields.vocabulary import REFERENCES, Type


def from_text(type_: str, text: str) -> Any:
    """A cell of a CSV file, or a word of a filter, as JSON would have it; `parse` judges it.

    Several of a list are parted by ";".
    """
    text = text.strip()
    if type_ == Type.WHOLE and WHOLE.fullmatch(text):
        return int(text)
    if type_ == Type.YES_NO:
        return {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}.get(text.lower(), text)
    if type_ == Type.CHOICES:
        return [part.strip() for part in text.split(";") if part.strip()]
    return text


def to_text(defined: Definition, kept: Any, named: Callable[[str, Any], str]) -> str:
    """A value as a cell of a CSV file: what `from_text` takes. `named`: type and id -> the record's name in REST.

    Who writes the file neutralises what a spreadsheet would take for a formula.
    """
    if kept is None:
        return ""
    if isinstance(kept, bool):
        return "yes" if kept else "no"
    if isinstance(kept, list):
        return ";".join(str(one) for one in kept)
    return named(defined.type, kept) if defined.type in REFERENCES else str(kept)
