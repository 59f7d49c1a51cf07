"""A picture that somebody took in the demo, drawn here: a page whose left edge is pale."""

import io

from PIL import Image, ImageDraw

_PAGE = (620, 800)
_LINES = range(110, 720, 26)


def pale_page() -> bytes:
    """A PNG of a printed page whose lines fade towards the left edge."""
    page = Image.new("RGB", _PAGE, "#b9b2a6")
    pen = ImageDraw.Draw(page)
    pen.rectangle((40, 30, _PAGE[0] - 40, _PAGE[1] - 30), fill="#fdfdfb")
    for number, top in enumerate(_LINES):
        for left in range(80, 530 - number * 37 % 130, 12):
            shade = max(40, 250 - (left - 60) * 2) if left < 200 else 40
            pen.rectangle((left, top, left + 9, top + 9), fill=(shade, shade, shade))
    held = io.BytesIO()
    page.save(held, "PNG")
    return held.getvalue()
