"""How long people have, as they write it: `30`, `30 min`, `4 h`, `4 h 30 min`, `4:30`. Days are refused: which day?"""

import re

from django.utils.translation import gettext

from itsm.clocks.hours import Hours
from itsm.kernel.errors import InvalidInput

MAX_MINUTES = 525_600  # a year without nights
_SHAPE = re.compile(r"(?:(\d{1,6})\s*(?:h|hours?))?\s*(?:(\d{1,6})\s*(?:m|min|minutes?)?)?", re.ASCII)
_CLOCK = re.compile(r"(\d{1,4}):([0-5]\d)", re.ASCII)
_WHOLE_DAYS = re.compile(r"(\d{1,3})\s*(?:d|days?)", re.ASCII)
_DAYS = re.compile(r"[\d.,]+\s*(d|days?|w|weeks?|mo|months?)\b.*", re.ASCII)


def minutes_of(text: str, hours: Hours, field: str) -> int:
    """Minutes, 1 to a year of them. InvalidInput under `field`: days ("a day of this calendar has 8 h, so 2 d would be
    16 h"), 0, else."""
    said = text.strip().lower()
    if _DAYS.fullmatch(said):
        raise InvalidInput.about(field, _days_sentence(said, hours))
    clock, shape = _CLOCK.fullmatch(said), _SHAPE.fullmatch(said)
    if clock is not None:
        found = int(clock[1]) * 60 + int(clock[2])
    elif shape is not None and (shape[1] or shape[2]):
        found = int(shape[1] or 0) * 60 + int(shape[2] or 0)
    else:
        words = {"text": text[:20]}
        raise InvalidInput.about(field, gettext("%(text)s is no time; write 30 min, 4 h or 4 h 30 min.") % words)
    return checked(found, field)


def checked(minutes: int, field: str) -> int:
    """The same minutes. InvalidInput under `field` for none, and for more than a year."""
    if not 1 <= minutes <= MAX_MINUTES:
        raise InvalidInput.about(field, gettext("Give 1 to %(most)d minutes.") % {"most": MAX_MINUTES})
    return minutes


def _days_sentence(said: str, hours: Hours) -> str:
    """Which day, by the longest of the calendar; of whole days also what they would be, to be written instead."""
    longest = hours.longest_day() or 24 * 60
    words = {"hours": written(longest), "said": said}
    if whole := _WHOLE_DAYS.fullmatch(said):
        words["all"] = written(int(whole[1]) * longest)
        return gettext("Write hours: a day of this calendar has %(hours)s, so %(said)s would be %(all)s.") % words
    return gettext("Write hours: a day of this calendar has %(hours)s.") % words


def written(minutes: int) -> str:
    """`8 h`, `30 min`, `4 h 30 min`."""
    whole, rest = divmod(minutes, 60)
    return " ".join(
        part for part in (f"{whole} h" if whole else "", f"{rest} min" if rest or not whole else "") if part
    )
