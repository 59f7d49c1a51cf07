"""When something repeats, as people say it; what has no short words stands for itself."""

from datetime import datetime

import pytest
from django.template import Context, Template
from django.utils import translation

from changes.calendar.rules.recurrence_words import in_words
from tests.factories.slo import T0

FIRST = datetime(2026, 12, 1, 10, 0)  # a Tuesday  # noqa: DTZ001 -- by the clocks of a zone


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=WEEKLY", "Every Tuesday 10:00"),
        ("RRULE:FREQ=WEEKLY;BYDAY=TU", "Every Tuesday 10:00"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "Every day from Monday to Friday 10:00"),
        ("FREQ=WEEKLY;BYDAY=MO,WE,SU;BYHOUR=8,20;BYMINUTE=30", "Every Monday, Wednesday and Sunday 08:30 and 20:30"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,FR", "Every 2 weeks on Tuesday and Friday 10:00"),
        ("FREQ=DAILY", "Every day 10:00"),
        ("FREQ=DAILY;INTERVAL=3;COUNT=5", "Every 3 days 10:00, 5 times"),
        ("FREQ=DAILY;BYDAY=SA,SU", "Every Saturday and Sunday 10:00"),
        ("FREQ=DAILY;COUNT=1", "Every day 10:00, once"),
        ("FREQ=MONTHLY", "Every month on day 1 10:00"),
        ("FREQ=MONTHLY;BYMONTHDAY=15,-1", "Every month on the last day and day 15 10:00"),
        ("FREQ=MONTHLY;BYMONTHDAY=-3", "Every month on day 3 from the end 10:00"),
        ("FREQ=MONTHLY;BYDAY=1TU", "Every month on the first Tuesday 10:00"),
        ("FREQ=MONTHLY;INTERVAL=3;BYDAY=-1FR", "Every 3 months on the last Friday 10:00"),
        ("FREQ=MONTHLY;BYDAY=TU", "Every month on every Tuesday 10:00"),
        ("FREQ=WEEKLY;BYMONTH=1,7", "Every Tuesday 10:00 in January and July"),
        ("FREQ=YEARLY", "Every year on December 1 10:00"),
        ("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24", "Every year on day 24 10:00 in December"),
        ("FREQ=WEEKLY;UNTIL=20271231", "Every Tuesday 10:00, until Dec. 31, 2027"),
        ("FREQ=WEEKLY;UNTIL=20271231T220000Z", "Every Tuesday 10:00, until Dec. 31, 2027 UTC"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", None),
        ("FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR", None),
        ("FREQ=MONTHLY;BYDAY=17TU", None),
        ("FREQ=DAILY;INTERVAL=2;BYDAY=MO", None),
        ("FREQ=DAILY;BYMONTHDAY=1", None),
        ("FREQ=YEARLY;BYDAY=20MO", None),
        ("FREQ=YEARLY;BYMONTHDAY=1", None),
        ("FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6", None),
        ("FREQ=NEVER", None),
    ],
)
def test_a_rule_is_said_in_words_or_not_at_all(rule: str, words: str | None) -> None:
    with translation.override("en"):
        assert in_words(rule, FIRST) == words


def test_the_rule_itself_is_the_why_and_stands_alone_where_it_has_no_words() -> None:
    def shown(rule: str) -> str:
        page = Template("{% repeats rule zone first %}").render(
            Context({"rule": rule, "zone": "Europe/Berlin", "first": T0})
        )
        return " ".join(page.split())

    said = shown("FREQ=WEEKLY;BYDAY=TU")
    assert "Every Tuesday" in said
    assert ", Europe/Berlin" in said
    assert "<code>FREQ=WEEKLY;BYDAY=TU</code>" in said
    assert '<span class="mono">FREQ=NEVER</span> · Europe/Berlin' in shown("FREQ=NEVER")
