"""JSON pointers (RFC 6901): where something stands in a document."""

from typing import Any

from django.utils.translation import gettext as _

from itsm.intake.reading import NotOurs


def look_up(document: Any, pointer: str) -> Any:
    """What stands there; None where nothing does. "" is the whole document. Raises NotOurs for no pointer."""
    check(pointer)
    found = document
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict):
            found = found.get(name)
        elif isinstance(found, list) and name.isascii() and name.isdecimal() and len(name) < 6:
            found = found[int(name)] if int(name) < len(found) else None
        else:
            return None
    return found


def check(pointer: Any) -> None:
    """Raise NotOurs unless this is a pointer of at most 300 characters."""
    if not isinstance(pointer, str) or len(pointer) > 300 or (pointer and not pointer.startswith("/")):
        said = _("“%(text)s” is no JSON pointer: it is empty or begins with a slash.")
        raise NotOurs(said % {"text": str(pointer)[:80]})
