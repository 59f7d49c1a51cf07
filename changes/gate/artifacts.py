"""What binds an artifact: a content hash names one thing for ever, a tag whatever it points to today."""

import re

IMMUTABLE = re.compile(r"^sha256:[0-9a-f]{64}$")


def is_immutable(digest: str) -> bool:
    """`sha256:` and 64 lower-case hex digits. Anything else may be asked about and is proof of nothing."""
    return IMMUTABLE.fullmatch(digest) is not None
