"""The mark of Headroom as PNG, for phones that take no SVG: drawn by ourselves, as `mark.svg` says it."""

from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw

SIZES = (180, 192, 512)
_FINER = 4  # drawn so many times larger, then made smaller: edges without steps


@lru_cache(maxsize=len(SIZES))
def icon(size: int) -> bytes:
    """A square PNG without rounded outer corners: phones cut their own. Raises nothing for a size of `SIZES`."""
    unit = size * _FINER / 24  # the mark is drawn on 24 by 24
    canvas = Image.new("RGB", (size * _FINER, size * _FINER), "#e9f0fc")
    pen = ImageDraw.Draw(canvas)

    def at(*points: float) -> tuple[float, ...]:
        return tuple(point * unit for point in points)

    pen.rounded_rectangle(at(2.75, 2.75, 21.25, 21.25), radius=4.5 * unit, outline="#2563cf", width=round(1.5 * unit))
    pen.rounded_rectangle(at(6, 14, 18, 18), radius=1.5 * unit, fill="#2563cf", corners=(False, False, True, True))
    for left in (6, 10.8, 15.6):
        pen.rectangle(at(left, 7.625, min(left + 2.4, 18), 9.375), fill="#e08a00")
    written = BytesIO()
    canvas.resize((size, size), Image.Resampling.LANCZOS).save(written, "PNG", optimize=True)
    return written.getvalue()
