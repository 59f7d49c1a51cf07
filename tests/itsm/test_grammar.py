"""The filter grammar: what is understood, and that everything else is refused by name."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itsm.kernel.errors import InvalidInput
from itsm.work.grammar import Range, Term, instants, numbers, pairs_of, parse, written

FIELDS = {"state", "priority", "due", "text", "team"}
NOW = datetime(2026, 3, 28, 11, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def read(text: str) -> list[Term]:
    return list(parse(pairs_of(text), FIELDS.__contains__))


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("state=open", Term("state", ("open",))),
        ("not.state=new,on_hold", Term("state", ("new", "on_hold"), negated=True)),
        ("team=me,my-teams,none,any", Term("team", ("me", "my-teams", "none", "any"))),
        ("text=one, two", Term("text", ("one, two",))),
        ("priority=1..3", Term("priority", (Range(1, 3),))),
        ("priority=>=2", Term("priority", (Range(2, None),))),
        ("priority=<2", Term("priority", (Range(None, 2),))),
        ("due=..+4h", Term("due", (Range(None, timedelta(hours=4)),))),
        ("due=..%2B4h", Term("due", (Range(None, timedelta(hours=4)),))),
        ("due=-2d..now", Term("due", (Range(timedelta(days=-2), "now"),))),
        ("due=>2026-03-01", Term("due", (Range(date(2026, 3, 1), None, low_open=True),))),
        ("due=today..", Term("due", (Range("today", None),))),
        ("due=2026-03-01T10:00Z..", Term("due", (Range(datetime(2026, 3, 1, 10, tzinfo=UTC), None),))),
    ],
)
def test_a_term_is_read(text: str, term: Term) -> None:
    assert read(text) == [term]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("stat=open", "stat"),
        ("not.not.state=new", "not.not.state"),
        ("not.=new", "not."),
        ("=new", ""),
        ("state", "state"),
        ("state=", "state"),
        ("state=new,", "state"),
        ("state=a%00b", "state"),
        ("due=..", "due"),
        ("due=>", "due"),
        ("due=2027-02-29..", "due"),
        ("due=..25:00", "due"),
        ("due=..+4y", "due"),
        ("due=..+9999999d", "due"),
        ("priority=1..2..3", "priority"),
        ("priority=1e400..", "priority"),
        ("priority=٣..", "priority"),
        ("state=" + ",".join("a" * 51), "state"),
        ("&".join(["state=new"] * 21), "state"),
        ("text=" + "x" * 2000, "text"),
    ],
)
def test_what_is_not_understood_is_named(text: str, named: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read(text)
    assert list(refusal.value.errors) == [named]


def test_fifty_values_and_twenty_terms_are_taken() -> None:
    assert len(read("state=" + ",".join("a" * 50))[0].values) == 50
    assert len(read("&".join(["state=new"] * 20))) == 20


def span(text: str) -> tuple[datetime | None, datetime | None]:
    term = read(f"due={text}")[0]
    (value,) = term.values
    assert isinstance(value, Range)
    return instants(term, value, now=NOW, zone=BERLIN)


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("..%2B4h", None, "2026-03-28T15:00Z"),
        ("now..%2B1d", "2026-03-28T11:00Z", "2026-03-29T11:00Z"),
        ("2026-03-29..2026-03-30", "2026-03-28T23:00Z", "2026-03-29T22:00Z"),  # a day of 23 hours
        ("<=2026-03-29", None, "2026-03-29T22:00Z"),
        (">2026-03-29", "2026-03-29T22:00Z", None),
        (">=today", "2026-03-27T23:00Z", None),
        ("..2026-03-28T10:00", None, "2026-03-28T09:00Z"),
        ("..2026-03-28T10:00-02:00", None, "2026-03-28T12:00Z"),
        ("<=now", None, "2026-03-28T11:00:00.000001Z"),
    ],
)
def test_edges_lie_in_the_viewers_zone(text: str, since: str | None, until: str | None) -> None:
    wanted = tuple(one and datetime.fromisoformat(one) for one in (since, until))
    assert span(text) == wanted


@pytest.mark.parametrize(
    "text", ["2026-03-02..2026-03-01", "0001-01-01..", "..9999-12-31T23:59-10:00", "1..2", "..-999999w"]
)
def test_an_instant_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        span(text)


def test_numbers_are_whole_and_in_order() -> None:
    assert numbers(Term("priority", ()), Range(1, 3, low_open=True, high_closed=True)) == (2, 4)
    for wrong in (Range(3, 1), Range("now", None), Range(timedelta(1), None)):
        with pytest.raises(InvalidInput):
            numbers(Term("priority", ()), wrong)


@given(st.lists(st.tuples(st.sampled_from([*FIELDS, "not.due", "x"]), st.text(max_size=40)), max_size=25))
def test_any_text_is_read_or_refused(pairs: list[tuple[str, str]]) -> None:
    with suppress(InvalidInput):
        terms = parse(pairs, FIELDS.__contains__)
        assert [term.name for term in terms] == [name for name, _value in pairs]


@given(
    st.lists(
        st.tuples(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
    )
)
def test_a_query_is_written_as_it_is_read(pairs: list[tuple[str, str]]) -> None:
    assert pairs_of(written(pairs)) == pairs
