"""CSV files as people have them: spreadsheets, exports, dumps; and what is wrong with them, line by line."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo.engine import csv_samples
from slo.engine.csv_cells import NotANumber, NotATime, instant_in, number_in
from slo.engine.csv_problems import SENTENCES, Code
from slo.engine.csv_samples import parsed
from slo.engine.samples import Sample

NAB = Path(__file__).parents[4] / "shared" / "data" / "nab"
T0 = datetime(2026, 1, 31, 13, 5, tzinfo=UTC)
T1 = datetime(2026, 1, 31, 13, 6, tzinfo=UTC)
MINUTE0 = int(T0.timestamp()) // 60


def faults(content: str | bytes) -> list[tuple[int, str]]:
    return [(problem.line, problem.code.value) for problem in parsed(content).problems]


@pytest.mark.parametrize(
    "content",
    [
        "minute,good,total\n2026-01-31T13:05:00Z,9,10\n2026-01-31T13:06:00Z,8,8\n",
        "time,bad,total\n2026-01-31 13:05,1,10\n2026-01-31 13:06:00,0,8\n",
        "timestamp,good,bad\n1769864700,9,1\n1769864760.0,8,0\n",
        "\ufeffMinute;Good;Total\r\n2026-01-31T14:05:00+01:00;9,0;10,0\r\n2026-01-31T14:06:00+01:00;8;8\r\n",
        'total\tnote\t"good"\ttime\n10\t"a\tb"\t9\t2026-01-31 13:05\n8\t\t8\t2026-01-31 13:06',
        '"region, zone","minute","good","total"\n"eu, 1","2026-01-31T13:05:00z","9","1e1"\nx,2026-01-31t13:06:00Z,8,8\n',
        "\n\nminute,good,total\n\n2026-01-31T13:06:00Z,8,8\n,,\n2026-01-31T13:05:00Z,9,10\n",  # the order is free
        "minute,good,total\r2026-01-31T13:05:00Z,9,10\r2026-01-31T13:06:00Z,8,8\r",
        ",minute,good,total\n0,2026-01-31T13:05:00Z,9,10\n1,2026-01-31T13:06:00Z,8,8\n2,2026-01-31T13:06:00Z,8,8\n",
        "\ufeffminute;good;total\n1769864700;9;10\n1769864760;8;8".encode(),
        "minute;good;total\n1769864700;9;10\n1769864760;8;8".encode("utf-16"),
    ],
)
def test_counts(content: str | bytes) -> None:
    found = parsed(content)
    assert (found.problems, found.values) == ([], [])
    assert found.samples == [Sample(T0, Decimal(9), Decimal(10)), Sample(T1, Decimal(8), Decimal(8))]


@pytest.mark.parametrize(
    "content",
    [
        "timestamp,value\n2026-01-31 13:05:00,0.132\n2026-01-31 13:06:41,-1.5e2\n",
        "value;time\n0,132;2026-01-31T13:05:20Z\n-150;2026-01-31T13:06:59.999999Z\n",
    ],
)
def test_values_belong_to_the_minute_they_were_read_in(content: str) -> None:
    found = parsed(content)
    assert (found.problems, found.samples) == ([], [])
    assert found.values == [(MINUTE0, Decimal("0.132")), (MINUTE0 + 1, Decimal(-150))]


def test_counts_are_preferred_to_a_value() -> None:
    assert parsed("minute,value,good,total\n2026-01-31 13:05,5,1,2\n").samples == [Sample(T0, Decimal(1), Decimal(2))]


@pytest.mark.parametrize("cell", ["", "NaN", "null", " ", "inf", "-", "N/A"])
def test_an_empty_cell_is_a_gap(cell: str) -> None:
    found = parsed(f"minute,good,total\n2026-01-31 13:05,{cell},10\n2026-01-31 13:06,8,8\n")
    assert (len(found.samples), found.problems, found.rows) == (1, [], 2)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("31.01.2026 13:05,1,2", "not_a_time"), ("2026-02-30 13:05,1,2", "not_a_time"), ("13:05,1,2", "not_a_time"),
        ("2026-01-31,1,2", "not_a_time"), ("1969-12-31T23:59:00Z,1,2", "not_a_time"), ("-60,1,2", "not_a_time"),
        ("1769864700000000,1,2", "not_a_time"), (",1,2", "not_a_time"), ("99999999960,1,2", None),
        ("2026-01-31 13:05:01,1,2", "not_a_whole_minute"), ("1769864701,1,2", "not_a_whole_minute"),
        ("1769864700.5,1,2", "not_a_whole_minute"),
        ("2026-01-31 13:05,many,2", "not_a_number"), ("2026-01-31 13:05,1 000,2000", "not_a_number"),
        ('2026-01-31 13:05,"1,5",2', "not_a_number"), ("2026-01-31 13:05,0x1,2", "not_a_number"),
        ("2026-01-31 13:05,-1,2", "negative"), ("2026-01-31 13:05,3,2", "above_total"),
        ("2026-01-31 13:05,1", "too_few_cells"), ("2026-01-31 13:05", "too_few_cells"),
    ],
)  # fmt: skip
def test_a_bad_line_is_named_and_the_others_stand(row: str, code: str | None) -> None:
    found = parsed(f"minute,good,total\n2026-01-31 13:07,1,1\n{row}\n2026-01-31 13:08,1,1\n")
    assert [(problem.line, problem.code) for problem in found.problems] == ([(3, code)] if code else [])
    assert len(found.samples) == (2 if code else 3)
    for problem in found.problems:
        assert problem.sentence == SENTENCES[problem.code]


def test_a_minute_that_contradicts_itself_keeps_what_came_first() -> None:
    found = parsed("minute,value\n2026-01-31 13:05,1\n2026-01-31 13:05,2\n2026-01-31 13:05:30,1.0\n")
    assert found.values == [(MINUTE0, Decimal(1))]
    assert [(problem.line, problem.code, problem.cell) for problem in found.problems] == [
        (3, Code.CONTRADICTED, "2026-01-31 13:05")
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "empty"), ("\n \n", "empty"), ("\ufeff", "empty"), ("a,b\n1,2\n", "no_header"), ("minute,good\n1,2\n", "no_header"),
        ("2026-01-31 13:05,1,2\n", "no_header"), ("good,total\n1,2\n", "no_header"), ("minute,total\n1,2", "no_header"),
        ("time,time,value\n1,2,3\n", "ambiguous_header"), ("time,value,value\n1,2,3\n", "ambiguous_header"),
        (b"minute,value\n\xff\xfe\n", "not_text"), (b"\xff\xfe\x00", "not_text"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_gives_nothing(content: str | bytes, code: str) -> None:
    found = parsed(content)
    assert faults(content) == [(1, code)]
    assert (found.samples, found.values) == ([], [])


def test_a_missing_quotation_mark_ends_the_file_there() -> None:
    found = parsed('minute,value\n2026-01-31 13:05,1\n2026-01-31 13:06,"2\n' + "x" * 200_000)
    assert len(found.values) == 1
    assert found.problems[-1].code == Code.BROKEN


def test_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (csv_samples.MAX_ROWS, csv_samples.MAX_BYTES) == (600_000, 32_000_000)
    head, row = "minute,value\n", "2026-01-31 13:05,ä\n"
    monkeypatch.setattr(csv_samples, "MAX_ROWS", 1500)
    full = parsed(head + row * 1500)
    assert (full.problem_count, len(full.problems), full.rows) == (1500, 200, 1500)
    over = parsed(head + "2026-01-31 13:05,1\n" * 1501)
    assert (over.values, [problem.code for problem in over.problems]) == ([], [Code.TOO_MANY_ROWS])
    monkeypatch.setattr(csv_samples, "MAX_BYTES", len((head + row).encode()))
    assert faults(head + row) == [(2, "not_a_number")]
    assert faults(head + row + "x") == faults((head + row + "x").encode()) == [(1, "file_too_large")]
    monkeypatch.setattr(csv_samples, "MAX_BYTES", len((head + row).encode()) - 1)
    assert faults(head + row) == [(1, "file_too_large")]


@pytest.mark.parametrize("file", sorted(NAB.glob("*.csv")), ids=lambda file: file.stem)
def test_real_measurements(file: Path) -> None:
    """Five-minute readings; one file repeats the hour that daylight saving skips, with other values."""
    content = file.read_bytes()
    found = parsed(content)
    assert found.rows == len(content.splitlines()) - 1
    assert len(found.values) + found.problem_count == found.rows
    assert {problem.code for problem in found.problems} <= {Code.CONTRADICTED}
    assert found.problem_count in {0, 11}
    first = content.splitlines()[1].decode().split(",")
    assert found.values[0] == (int(instant_in(first[0]).timestamp()) // 60, Decimal(first[1]))


def test_every_code_has_its_sentence() -> None:
    assert set(SENTENCES) == set(Code)
    assert all(
        sentence.endswith(".") and "%" not in sentence and "{" not in sentence for sentence in SENTENCES.values()
    )


@given(
    st.one_of(st.text(), st.binary()),
    st.sampled_from(["", "minute,good,total\n", "time;value\n", "time\tbad\ttotal\n"]),
)
def test_nothing_raises(content: str | bytes, head: str) -> None:
    found = parsed(head + content if isinstance(content, str) else head.encode() + content)
    assert found.problem_count >= len(found.problems)


@given(st.text(alphabet="0123456789-+:.,TZtze; \t\"'\n"))
def test_nothing_that_is_nearly_right_raises(content: str) -> None:
    for head in ("minute,good,total\n", "time;value\n", "time\tgood\tbad\n"):
        parsed(head + content)


@given(st.text(alphabet="0123456789-+:.,TZtzeE ", max_size=30), st.booleans())
def test_cells_raise_only_what_they_say(cell: str, has_comma: bool) -> None:
    for read, refusal in ((instant_in, NotATime), (lambda one: number_in(one, has_comma=has_comma), NotANumber)):
        try:
            result: Any = read(cell)
        except refusal:
            continue
        assert not isinstance(result, Decimal) or result.is_finite()
        assert isinstance(result, datetime | Decimal | None)


@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(5000, 12, 30), timezones=st.timezones()))  # noqa: DTZ001
def test_any_instant_comes_back(instant: datetime) -> None:
    whole = instant.astimezone(UTC).replace(microsecond=0)
    assert instant_in(whole.isoformat()) == instant_in(f"{whole:%Y-%m-%d %H:%M:%S}") == whole
    assert instant_in(str(int(whole.timestamp()))) == whole


@pytest.mark.parametrize(
    "content",
    [
        "sep=;\r\nminute;good;total\r\n2026-01-31 13:05;9;10\r\n2026-01-31 13:06;8;8\r\n",
        "sep=,\nminute,good,total\n2026-01-31 13:05,9,10\n2026-01-31 13:06,8,8\n",
        '"sep=;"\nminute;good;total\n2026-01-31 13:05;9;10\n2026-01-31 13:06;8;8\n',
        "\ufeffSEP=;\n\nminute;good;total\n2026-01-31 13:05;9;10\n2026-01-31 13:06;8;8\n",
        "sep=\t\nminute\tgood\ttotal\n2026-01-31 13:05\t9\t10\n2026-01-31 13:06\t8\t8\n",
        "sep=;\nminute;good;total\n2026-01-31 13:05;9;10\n2026-01-31 13:06;8;8\n".encode("utf-16"),
    ],
)
def test_the_first_line_by_which_spreadsheets_name_their_delimiter(content: str | bytes) -> None:
    found = parsed(content)
    assert found.problems == []
    assert found.samples == [Sample(T0, Decimal(9), Decimal(10)), Sample(T1, Decimal(8), Decimal(8))]


def test_lines_are_counted_with_the_one_that_names_the_delimiter() -> None:
    assert faults("sep=;\nminute;good;total\n2026-01-31 13:05;x;10\n") == [(3, "not_a_number")]
    assert faults("sep=;\n") == [(1, "empty")]


@pytest.mark.parametrize("number", ["1.234", "12.345", "999.000", "1,234", "-1.234"])
def test_what_may_be_thousands_is_refused_with_its_line(number: str) -> None:
    for divider in ";\t":
        rows = f"minute;good;total\n2026-01-31 13:05;1;2\n2026-01-31 13:06;{number};99999\n".replace(";", divider)
        assert faults(rows) == [(3, "ambiguous_number")]


@pytest.mark.parametrize(
    ("number", "meant"),
    [
        ("0.234", "0.234"),
        ("0,234", "0.234"),
        ("1234", "1234"),
        ("1.2340", "1.2340"),
        ("1,23", "1.23"),
        ("1234.567", "1234.567"),
    ],
)
def test_what_cannot_be_thousands_is_read(number: str, meant: str) -> None:
    assert parsed(f"minute;value\n2026-01-31 13:05;{number}\n").values == [(MINUTE0, Decimal(meant))]


def test_where_commas_divide_cells_a_point_is_a_point() -> None:
    assert parsed("minute,value\n2026-01-31 13:05,1.234\n").values == [(MINUTE0, Decimal("1.234"))]


def test_of_a_second_the_first_six_digits_count() -> None:
    whole, fine = instant_in("1790000000"), instant_in("1790000000.123456789")
    assert (fine - whole) == timedelta(microseconds=123_456)
    assert instant_in("1790000000.5") - whole == timedelta(milliseconds=500)
