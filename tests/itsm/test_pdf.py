"""Records as PDF: every word on a page in its order, the same bytes again, right-to-left as it is read, no odd text breaks it."""

import re
import zlib
from datetime import UTC, datetime
from typing import NamedTuple

from itsm.pdf import written

AT = datetime(2026, 11, 29, 12, tzinfo=UTC)
_PIECE = re.compile(rb"(?:/F(\d) [\d.]+ Tf)|(?:([\d.]+) ([\d.]+) (?:Td|Tm))|(?:\(((?:\\.|[^\\)])*)\) Tj)", re.DOTALL)


class Piece(NamedTuple):
    """Letters as they were put at one place, in points from the left and from below."""

    page: int
    text: str
    left: float
    below: float


def pieces(pdf: bytes) -> list[Piece]:
    """What stands on the pages, in the order in which it was put there: enough of a reader for our own files."""
    streams = [
        zlib.decompress(found) if found[:1] == b"x" else found
        for found in re.findall(rb"stream\n(.*?)\nendstream", pdf, re.DOTALL)
    ]
    maps = [
        {
            int(one, 16): bytes.fromhex(sign.decode()).decode("utf-16-be")
            for one, sign in re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>\n", stream)
        }
        for stream in streams
        if b"beginbfchar" in stream
    ]
    found, font, place = [], maps[0], (0.0, 0.0)
    for page, stream in enumerate(streams):
        if b"BT /F" not in stream:
            continue
        for family, left, below, letters in _PIECE.findall(stream):
            if family:
                font = maps[int(family) - 1]
            elif left:
                place = (float(left), float(below))
            else:
                plain = re.sub(rb"\\(.)", lambda sign: {b"r": b"\r", b"n": b"\n"}.get(sign[1], sign[1]), letters,
                               flags=re.DOTALL)  # fmt: skip
                codes = [int.from_bytes(plain[n : n + 2]) for n in range(0, len(plain), 2)]
                found.append(Piece(page, "".join(font[code] for code in codes), *place))
    return found


def lines(pdf: bytes) -> list[str]:
    """By their height on the page, as the eye meets them."""
    by_height: dict[tuple[int, int], list[Piece]] = {}
    for piece in pieces(pdf):
        by_height.setdefault((piece.page, round(piece.below)), []).append(piece)
    return ["".join(one.text for one in sorted(row, key=lambda one: one.left)) for row in by_height.values()]


def test_every_line_stands_on_the_page_in_its_order_and_again_with_the_same_bytes():
    text = "# Board, 2026\n\nPresent: cleo, mia.\n\n## CHG-1 Move it \\# now\n\n- mia: declined\n\n> **as typed** \\#\n"
    pdf = written(text, title="Minutes", at=AT)
    shown = lines(pdf)
    words = ["Board, 2026", "Present: cleo, mia.", "CHG-1 Move it # now", "•mia: declined", "**as typed** #"]
    assert [line for line in shown if line in words] == words
    assert pdf == written(text, title="Minutes", at=AT)
    assert pdf.startswith(b"%PDF-")
    many = written("- one more line\n" * 200, title="Long", at=AT)
    assert len(re.findall(rb"/Type /Page\n", many)) == 4
    assert sum(line == "•one more line" for line in lines(many)) == 200


def test_what_is_read_from_the_right_stands_so_and_a_date_in_it_reads_from_its_year():
    hebrew, arabic = "דנה: אין לי התנגדות", "محمد لا مانع (2026-11-29T10:05:00Z)"
    shown = lines(written(f"- {hebrew}\n- {arabic}\n- mia, {hebrew[:3]}\n", title="x", at=AT))
    assert hebrew[::-1] in shown
    assert any("2026-11-29T10:05:00Z" in line.replace("\u200e", "") for line in shown)
    assert any(line.startswith("•mia, ") for line in shown)
    last = [one for one in pieces(written(hebrew, title="x", at=AT)) if one.text in hebrew]
    assert max(one.left for one in last) > 500  # of 595 points


def test_no_text_breaks_it_runs_off_the_page_or_reads_otherwise_than_it_is_written():
    odd = ["x" * 400, "\u202egnp.exe\u2066", "a\x00b\x07c\x85", "\U0001fae8 中文", "\u0301" * 40, "\u200d\ufe0f", "\\", ">", "- ", "#",
           "{nb}", "(a) \\(b\\) <</Type/Action>>", "![x](http://example.com/x.png) <script>"]  # fmt: skip
    pdf = written("\n".join(odd), title="\u202e中" + "t" * 300, at=AT)
    shown = lines(pdf)
    assert "gnp.exe" in shown
    assert sum(line.count("x") for line in shown if set(line) == {"x"}) == 400
    assert any("stands for signs that this file has no letters for" in line for line in shown)
    assert all(one.left < 560 for one in pieces(pdf))
    assert b"/Action" not in pdf
    assert b"/URI" not in pdf
