"""References for people: CHG-00042. They are the keys in paths, on both doors."""

import re

_SHAPE = re.compile(r"^([A-Z]{2,4})-(\d{1,12})$", re.ASCII)


def reference(prefix: str, number: int) -> str:
    return f"{prefix}-{number:05d}"


def number_in(text: str, prefix: str) -> int | None:
    """The number in a reference, zeros or none in front of it, either case; None if it is no such reference."""
    found = _SHAPE.match(text.strip().upper())
    if found is None or found[1] != prefix:
        return None
    number = int(found[2])
    return number if 0 < number < 2**63 else None
