"""One SVG sprite of the icons we use, each a symbol whose id is the icon's name.

A page writes `<svg class="icon"><use href=".../icons.svg#flame"/></svg>`; the strokes
take the colour of the text around them.
"""

import re
from pathlib import Path

STROKE = 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
# Every Tabler icon begins with an invisible square that only an editor needs.
BOUNDING_BOX = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>')
DRAWING = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


def icon_names(listing: Path) -> list[str]:
    return sorted({line.strip() for line in listing.read_text().splitlines()} - {""})


def symbol(name: str, svg: str) -> str:
    found = DRAWING.search(svg)
    if not found:
        raise ValueError(f"{name}.svg holds no drawing")
    drawing = " ".join(BOUNDING_BOX.sub("", found.group(1)).split())
    return f'<symbol id="{name}" viewBox="0 0 24 24" {STROKE}>{drawing}</symbol>'


def sprite(listing: Path, icons: Path) -> str:
    """The whole file; an unknown name is an error that says which."""
    names = icon_names(listing)
    missing = [name for name in names if not (icons / f"{name}.svg").is_file()]
    if missing:
        raise ValueError(f"{listing.name} names icons that do not exist: {', '.join(missing)}")
    symbols = (symbol(name, (icons / f"{name}.svg").read_text()) for name in names)
    body = "\n".join(symbols)
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{body}\n</svg>\n'
