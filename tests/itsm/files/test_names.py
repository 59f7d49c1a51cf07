"""Names are read by people and stand in headers: nothing in them hides, turns or leads elsewhere."""

import pytest

from itsm.files.naming import safe_name
from itsm.files.vocabulary import MAX_NAME


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\bo\\shot.png", "shot.png"),
        ("in\u202egnp.exe", "ingnp.exe"),
        ("a\0b\r\nSet-Cookie: x=1.txt", "abSet-Cookie: x=1.txt"),
        ("  spaced   out .txt ", "spaced out .txt"),
        ("تقرير.pdf", "تقرير.pdf"),
        ("...", "file"),
        ("", "file"),
        ("\u202e\u200b", "file"),
        (".bashrc", "bashrc"),
    ],
)
def test_a_name_is_what_can_be_read_of_it(sent: str, kept: str) -> None:
    assert safe_name(sent) == kept


def test_a_long_name_keeps_its_ending() -> None:
    assert safe_name("x" * 500 + ".jpeg") == "x" * (MAX_NAME - 5) + ".jpeg"
    assert len(safe_name("x." + "y" * 500)) == MAX_NAME
