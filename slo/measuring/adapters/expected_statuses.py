"""Which HTTP statuses are good, as people write them: "200-299, 304"."""

import re

from django.utils.translation import gettext as _

_PART = re.compile(r"([1-5][0-9]{2})(?:\s*-\s*([1-5][0-9]{2}))?")
_MAX_PARTS = 20


def statuses_of(text: str) -> tuple[range, ...]:
    """Spans of statuses. ValueError with a sentence if it cannot be understood."""
    found = [_PART.fullmatch(part.strip()) for part in text.split(",")]
    ranges = tuple(range(int(part[1]), int(part[2] or part[1]) + 1) for part in found if part)
    if len(ranges) != len(found) or len(ranges) > _MAX_PARTS or not all(ranges):
        raise ValueError(_("Write the expected statuses as 200-299,304."))
    return ranges


def shown(ranges: tuple[range, ...]) -> str:
    return ", ".join(str(one[0]) if len(one) == 1 else f"{one[0]}-{one[-1]}" for one in ranges)
