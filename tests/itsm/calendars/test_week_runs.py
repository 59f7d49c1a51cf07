"""A week as people say it."""

from itsm.calendars.queries import runs_of


def test_days_that_follow_each_other_with_the_same_spans_are_said_once() -> None:
    office = ["08:00-12:00", "13:00-17:00"]
    week = {"mon": office, "tue": office, "wed": ["08:00-12:00"], "thu": office, "fri": office, "sun": ["10:00-12:00"]}
    assert [(one.first, one.last, one.spans) for one in runs_of(week)] == [
        ("Mon", "Tue", office),
        ("Wed", "", ["08:00-12:00"]),
        ("Thu", "Fri", office),
        ("Sun", "", ["10:00-12:00"]),
    ]
    assert runs_of({}) == []
