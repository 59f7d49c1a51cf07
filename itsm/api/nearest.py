"""What was probably meant: near matches of a name that is unknown, for refusals that help."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

from django.utils.translation import gettext as _

_MAX_LENGTH = 80  # nobody means a longer one
_MAX_KNOWN = 5000
_ALIKE = 0.6
_CLOSED = re.compile(r"[\w.:@+/-]+", re.ASCII)  # of slugs, fields and references


def nearest(name: str, known: Iterable[str], most: int = 3) -> list[str]:
    """Of the known names those that look like this one, the most alike first."""
    if not name or len(name) > _MAX_LENGTH:
        return []
    names = {one.lower(): one for _place, one in zip(range(_MAX_KNOWN), known, strict=False)}
    return [names[one] for one in get_close_matches(name.lower(), names, most, _ALIKE)]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A sentence with a blank before it, to stand behind the refusal; empty where nothing is alike.

    A name of free letters is somebody's words, and stands in “…”.
    """
    near = [one if _CLOSED.fullmatch(one) else f"“{one}”" for one in nearest(name, known)]
    return " " + _("Did you mean %(names)s?") % {"names": _(" or ").join(near)} if near else ""
