"""Templates compile, say what they take, and hold neither style nor script."""

import re
from pathlib import Path
from typing import Any

import pytest
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


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_compiles(name: str) -> None:
    assert get_template(name)


@pytest.mark.parametrize("name", TEMPLATES)
def test_its_first_line_declares_its_inputs(name: str) -> None:
    assert text_of(name).startswith("{# in:"), "begin with {# in: what it needs #}"


# Mails are shown by mail readers, which take styles from nowhere else, under no policy of ours.
LETTERS = "mail/letters/"


@pytest.mark.parametrize("name", [one for one in TEMPLATES if not one.startswith(LETTERS)])
def test_it_holds_no_style_and_no_script(name: str) -> None:
    assert not FORBIDDEN.findall(TAGS.sub("", text_of(name))), (
        "styles belong to css/, behaviour to js/, bound by data attributes"
    )


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_stays_short(name: str) -> None:
    assert text_of(name).count("\n") <= 100, "cut it into parts"


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
