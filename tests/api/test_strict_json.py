"""JSON as it is accepted: what looks harmless to a parser and is not."""

from decimal import Decimal

import pytest
from rest_framework.exceptions import ParseError

from itsm.api.parsers import loads


@pytest.mark.parametrize(
    "text",
    [
        '{"slug": "a", "slug": "a"}', '{"a": {"b": 1, "b": 2}}', "0e99999999999", "-0e999", "1e400", "1e-400", "1E99999999999999999999",
        "9" * 41, "0." + "1" * 50, "NaN", "[Infinity]", '"\\u0000"', '{"\\u0000": 1}', '"\\ud800"',
        '{"\\udc00": 1}', "[" * 33 + "]" * 33,
        '{"a":' * 33 + "1" + "}" * 33, "[" * 100_000, "", " ", "{}{}", "\ufeff{}", "'a'", "[1,]", "01", "1_0", "nul",
    ],
)  # fmt: skip
def test_this_is_not_taken(text: str) -> None:
    with pytest.raises(ParseError):
        loads(text.encode())


@pytest.mark.parametrize(
    "body", [b"\xff", b'"\xed\xa0\x80"', b'"\xc0\xaf"', "{}".encode("utf-16"), "{}".encode("utf-32")]
)
def test_other_encodings_are_not_taken(body: bytes) -> None:
    with pytest.raises(ParseError):
        loads(body)


def test_what_is_meant_is_taken_digit_by_digit() -> None:
    taken = loads(b'{"a": 0.10, "b": 1e2, "c": 0.0, "d": [[1]], "e": "\\ud83d\\ude00", "f": -0, "g": null}')
    assert taken == {"a": Decimal("0.10"), "b": Decimal("1e2"), "c": 0, "d": [[1]], "e": "😀", "f": 0, "g": None}
    assert str(taken["a"]) == "0.10"
    assert loads(("[" * 31 + "1" + "]" * 31).encode())
