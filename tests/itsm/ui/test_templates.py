"""Templates compile, say what they take, and hold neither style nor script."""

import re
from pathlib import Path
from typing import Any

from django.template.loader import get_template

ROOT = Path(__file__).parents[3] / "templates"
TEMPLATES = sorted(str(path.relative_to(ROOT)) for path in ROOT.rglob("*.html"))
# What the content security policy would block: it must not be there, not be blocked.
TAGS = re.compile(r"{%.*?%}")
# Where white space counts over several lines: the loader takes the indentation away.
COUNTS = re.compile(
    r"<pre\b[^>]*>[^<]*\n[ \t]|<textarea\b[^>]*>[^<]*\n[ \t]|{% blocktranslate (?![^%]*trimmed)[^%]*%}[^%]*\n"
)
FORBIDDEN = re.compile(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=|javascript:|hx-on", re.IGNORECASE)


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


# Each is one test of all templates: as one of each template they cost more to tell than to make. A failure names all
# that are wrong.
def test_they_compile() -> None:
    wrong = []
    for name in TEMPLATES:
        try:
            get_template(name)
        except Exception as error:
            wrong.append(f"{name}: {error!r}")
    assert not wrong, "\n".join(wrong)


def test_their_first_line_declares_their_inputs() -> None:
    wrong = [name for name in TEMPLATES if not text_of(name).startswith("{# in:")]
    assert not wrong, "begin with {# in: what it needs #}"


# Mails are shown by mail readers, which take styles from nowhere else, under no policy of ours.
LETTERS = ("mail/letters/", "statuspage/mail/")


def test_they_hold_no_style_and_no_script() -> None:
    found = {name: FORBIDDEN.findall(TAGS.sub("", text_of(name))) for name in TEMPLATES if not name.startswith(LETTERS)}
    wrong = {name: what for name, what in found.items() if what}
    assert not wrong, "styles belong to css/, behaviour to js/, bound by data attributes"


def test_they_stay_short() -> None:
    wrong = [name for name in TEMPLATES if text_of(name).count("\n") > 100]
    assert not wrong, "cut them into parts"


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    known = set((ROOT.parent / "itsm" / "run" / "icons.txt").read_text(encoding="utf-8").split())
    named = {icon for name in TEMPLATES for icon in re.findall(r'{% icon "([a-z0-9-]+)"', text_of(name))}
    assert named <= known


def test_all_are_sent_without_indentation_and_count_on_none() -> None:
    for name in TEMPLATES:
        loaded: Any = get_template(name)
        sent, written = loaded.template.source, text_of(name)
        assert not re.search(r"\n[ \t]", sent), name
        assert sent.count("\n") == written.count("\n"), "an error would be looked for in another line"
        assert not COUNTS.findall(written), f"{name}: trim it, or keep it on one line"
