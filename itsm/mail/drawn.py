"""A mail as it is read: plain text, and HTML of the subset that mail readers have.

Nothing of what people wrote is taken for HTML: it is escaped, its addresses become links, and the whole is held to a
list of what may stay.
"""

from dataclasses import dataclass
from typing import Any

import nh3
from django.template.loader import render_to_string
from django.utils.html import escape, urlize
from django.utils.safestring import SafeString, mark_safe

_TAGS = {"p", "br", "a"}


@dataclass(frozen=True, slots=True)
class Drawn:
    """What stands in a mail: the words, then a signature, then what the desk adds below."""

    words: str
    signature: str = ""
    link: str = ""
    link_text: str = ""
    ending: str = ""
    why: str = ""
    left_out: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """As plain text. What stands below "-- " is left out by mail readers that answer."""
        below = [f"{self.link_text}: {self.link}" if self.link_text else self.link] if self.link else []
        parts = [self.words, *self._named(), *([self.ending] if self.ending else ())]
        if self.signature:
            parts.append(f"-- \n{self.signature}")
        parts += [*below, *([self.why] if self.why else ())]
        return "\n\n".join(part.strip("\n") for part in parts if part.strip()) + "\n"

    @property
    def html(self) -> str:
        """As HTML with its styles inside: mail readers take no others."""
        shown: dict[str, Any] = {
            "words": as_html(self.words), "named": as_html("\n".join(self._named())), "ending": as_html(self.ending),
            "signature": as_html(self.signature), "why": as_html(self.why), "link": self.link,
            "link_text": self.link_text or self.link,
        }  # fmt: skip
        return render_to_string("mail/letters/letter.html", shown)

    def _named(self) -> list[str]:
        return [", ".join(self.left_out)] if self.left_out else []


def as_html(text: str) -> SafeString:
    """What people wrote, as paragraphs with links."""
    paragraphs = [one for one in text.replace("\r\n", "\n").strip("\n").split("\n\n") if one.strip()]
    made = "".join(f"<p>{urlize(escape(one), nofollow=False).replace(chr(10), '<br>')}</p>" for one in paragraphs)
    return mark_safe(_clean(made))  # noqa: S308 -- escaped above, and held to a list


def _clean(html: str) -> str:
    return nh3.clean(
        html, tags=_TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"}, link_rel="noreferrer"
    )
