"""Restrictions of a layer as people type them: `Mon-Fri 09:00-17:00`, `daily 22:00-06:00`, `Fri 17:00 - Mon 09:00`."""

import re
from collections.abc import Iterable
from datetime import time

# from day (0 is Monday) and time to day and time
Hours = tuple[int, time, int, time]
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY, _TIME = r"([A-Za-z]{3})[a-z]*", r"([0-2]?\d:[0-5]\d)"
_ACROSS = re.compile(rf"{_DAY}\s+{_TIME}\s*[-–]\s*{_DAY}\s+{_TIME}")
_EACH = re.compile(rf"(daily|{_DAY}(?:\s*[-–]\s*{_DAY})?)\s+{_TIME}\s*[-–]\s*{_TIME}", re.IGNORECASE)


def read(line: str) -> list[Hours]:
    """What one line means. ValueError where it means nothing."""
    text = line.strip()
    if found := _ACROSS.fullmatch(text):
        begin, start, end, stop = found.groups()
        return [_span(_day(begin), start, _day(end), stop)]
    if found := _EACH.fullmatch(text):
        which, first, last, start, stop = found.groups()
        days = range(7) if which.lower() == "daily" else _range(_day(first), _day(last or first))
        over = 1 if _time(stop) <= _time(start) else 0
        return [_span(day, start, (day + over) % 7, stop) for day in days]
    raise ValueError(f"no time: {line}")


def _span(begin: int, start: str, end: int, stop: str) -> Hours:
    """24:00 is the next day's midnight."""
    if stop == "24:00":
        return begin, _time(start), (end + 1) % 7, time(0)
    return begin, _time(start), end, _time(stop)


def _range(first: int, last: int) -> list[int]:
    return [(first + step) % 7 for step in range((last - first) % 7 + 1)]


def _day(name: str) -> int:
    if name.title() not in DAYS:
        raise ValueError(f"no time: {name}")
    return DAYS.index(name.title())


def _time(text: str) -> time:
    hour, minute = text.split(":")
    if int(hour) > 24 or (int(hour) == 24 and minute != "00"):
        raise ValueError(f"no time: {text}")
    return time(23, 59) if text == "24:00" else time(int(hour), int(minute))


def written(hours: Iterable[Hours]) -> list[str]:
    """Lines that read back as these: days that follow each other with the same times are one."""
    groups: dict[tuple[time, time], list[int]] = {}
    lines: list[str] = []
    for begin, start, end, stop in sorted(hours):
        if end == (begin + (1 if stop <= start else 0)) % 7:
            groups.setdefault((start, stop), []).append(begin)
        else:
            lines.append(f"{DAYS[begin]} {start:%H:%M} - {DAYS[end]} {stop:%H:%M}")
    for (start, stop), days in groups.items():
        lines += [f"{name} {start:%H:%M}-{stop:%H:%M}" for name in _runs(days)]
    return lines


def _runs(days: list[int]) -> list[str]:
    if len(days) == 7:
        return ["daily"]
    runs: list[list[int]] = []
    for day in days:
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return [DAYS[run[0]] if len(run) == 1 else f"{DAYS[run[0]]}-{DAYS[run[-1]]}" for run in runs]
