"""Which HTTP statuses are good, as people write them: "200-299, 304"."""

import re

from django.utils.translation import gettext as _

_PART = re.compile(r"([1-5][0-9]{2})(?:\s*-\s*([1-5][0-9]{2}))?")
_MAX_PARTS = 20


def statuses_of(text: str) -> tuple[range, ...]:
    """Spans of statuses. ValueError with a sentence if it cannot be understood."""
    found = [_PART.fullmatch(part.strip()) for part in text.split(",")]
    counted_periods = tuple(range(int(part[1]), int(part[2] or part[1]) + 1) for part in found if part)
    if len(counted_periods) != len(found) or len(counted_periods) > _MAX_PARTS or not all(counted_periods):
        raise ValueError(_("Write the expected statuses as 200-299,304."))
    return counted_periods


def shown(counted_periods: tuple[range, ...]) -> str:
    return ", ".join(str(span[0]) if len(span) == 1 else f"{span[0]}-{span[-1]}" for span in counted_periods)
