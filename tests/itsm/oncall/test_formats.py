"""Restrictions as lines that people type: they read back as they were written."""

from datetime import time

import pytest

from itsm.oncall.formats.hours import read, written


@pytest.mark.parametrize(
    "lines",
    [
        ["Mon-Fri 09:00-17:00"], ["daily 22:00-06:00"], ["Fri 17:00 - Mon 09:00"], ["Sat 00:00-00:00"],
        ["Mon 09:00-12:00", "Mon 13:00-17:00", "Wed-Thu 09:00-12:00"],
    ],
)  # fmt: skip
def test_lines_read_back(lines: list[str]) -> None:
    assert sorted(written([one for line in lines for one in read(line)])) == sorted(lines)


def test_over_midnight_belongs_to_its_first_day() -> None:
    assert read("Fri-Sat 22:00-06:00") == [(4, time(22), 5, time(6)), (5, time(22), 6, time(6))]
    assert read("Sun 20:00-24:00") == [(6, time(20), 0, time(0))]
    assert read("Sat-Mon 9:00-10:00") == [(day, time(9), day, time(10)) for day in (5, 6, 0)]


@pytest.mark.parametrize("line", ["", "Mo 9-5", "Foo 09:00-10:00", "Mon 25:00-26:00", "Mon-Fri", "Mon 09:00"])
def test_what_means_nothing_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="no time"):
        read(line)
