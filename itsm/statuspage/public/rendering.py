"""A page as files: path below the page -> what is sent. Links are relative, so that a copy works wherever it lies."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string

from itsm.statuspage.public import feeds
from itsm.statuspage.public.shapes import PublicPage

HTML = "text/html; charset=utf-8"
_STATIC = Path(__file__).parents[2] / "ui" / "static" / "headroom"
_ASSETS = {
    "css": ("css/status.css", "text/css; charset=utf-8"),
    "js": ("js/status.js", "text/javascript; charset=utf-8"),
}


@dataclass(frozen=True, slots=True)
class File:
    """What is sent at an address."""

    content_type: str
    body: bytes


@cache
def assets() -> dict[str, tuple[str, File]]:
    """css and js -> (path below /status/, file): named by what is in them, so that they are kept for good."""
    found = {}
    for name, (path, kind) in _ASSETS.items():
        body = (_STATIC / path).read_bytes()
        found[name] = (f"assets/{hashlib.sha256(body).hexdigest()[:16]}.{name}", File(kind, body))
    return found


def asset_files() -> dict[str, File]:
    """Path below /status/ -> the file."""
    return dict(assets().values())


def html(template: str, page: PublicPage, depth: int = 0, **more: Any) -> File:
    """One HTML page, so many folders below the page's front."""
    up = "../" * depth
    root = f"{up}../" if page.is_public else "/status/"
    css, js = (f"{root}{assets()[name][0]}" for name in ("css", "js"))
    shown = {"page": page, "home": up or "./", "css": css, "js": js, **more}  # fmt: skip
    return File(HTML, render_to_string(f"statuspage/public/{template}.html", shown).encode())


def makers_of(page: PublicPage, base_url: str = "") -> dict[str, Callable[[], File]]:
    """Path below the page -> what makes its file; "" is its front. `base_url`: of this desk, for files that are to lie
    elsewhere."""
    found: dict[str, Callable[[], File]] = {
        "": lambda: html("front", page),
        "history/": lambda: html("history", page, 1),
        "uptime/": lambda: html("uptime", page, 1),
        "subscribe/": lambda: html("subscribe", page, 1, base_url=base_url),
        "feed.rss": lambda: File("application/rss+xml; charset=utf-8", feeds.rss(page)),
        "maintenance.ics": lambda: File("text/calendar; charset=utf-8", feeds.ics(page)),
    }
    for path, document in feeds.api(page).items():
        found[f"api/v2/{path}"] = partial(_json, document)
    for notice in page.notices:
        found[notice.path] = partial(html, "notice", page, 2, notice=notice)
    return found


def _json(document: Any) -> File:
    return File("application/json; charset=utf-8", feeds.as_json(document))


def files_of(page: PublicPage, base_url: str = "") -> dict[str, File]:
    """Every file of one page, made."""
    return {path: make() for path, make in makers_of(page, base_url).items()}


def index_of(pages: Sequence[PublicPage]) -> File:
    """The list of all pages that everybody may read."""
    shown = {"pages": pages, "css": assets()["css"][0], "js": assets()["js"][0]}
    return File(HTML, render_to_string("statuspage/public/index.html", shown).encode())


def link_page(template: str, **said: Any) -> File:
    """What the link of a mail opens: of no page, so that a link that is void says of none."""
    shown = {"css": f"/status/{assets()['css'][0]}", "js": f"/status/{assets()['js'][0]}", **said}
    return File(HTML, render_to_string(f"statuspage/public/{template}.html", shown).encode())
