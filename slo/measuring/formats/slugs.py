"""Pure: slugs from the words of a name."""

import re


def slugged(text: str) -> str:
    """Lower-case words joined by '-'; "" when there are none."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
