"""What an outgoing mail may be made of: plain text beside HTML of a short list of tags, attributes and addresses."""

from email import message_from_bytes
from email.message import Message
from html.parser import HTMLParser
from typing import Any

TAGS = {"html", "head", "meta", "body", "table", "tr", "td", "div", "p", "br", "a", "tbody"}
ATTRIBUTES = {"charset", "name", "content", "role", "width", "cellpadding", "cellspacing", "border", "style", "dir",
              "href", "rel"}  # fmt: skip
STYLED = {"body", "td", "div", "p"}  # by the template alone: what people wrote has no styles
ALWAYS = {"Content-Type", "MIME-Version", "Subject", "From", "To", "Date", "Message-ID", "X-Headroom-Loop"}
MAY_BE = {"Auto-Submitted", "X-Auto-Response-Suppress", "In-Reply-To", "References", "Reply-To", "List-Unsubscribe"}


class _Read(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[Any] = []
        self.styles: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.wrong.append(tag)
        for name, value in attrs:
            if name not in ATTRIBUTES or (name == "style" and tag not in STYLED):
                self.wrong.append((tag, name))
            if name == "style":
                self.styles.add(value or "")
            if name == "href" and not (value or "").startswith(("http://", "https://", "mailto:")):
                self.wrong.append((tag, value))

    def handle_comment(self, data: str) -> None:
        self.wrong.append(f"<!--{data}")

    def handle_pi(self, data: str) -> None:
        self.wrong.append(f"<?{data}")


def faults_of(html: str) -> list[Any]:
    """What should not be in it."""
    read = _Read()
    read.feed(html)
    read.close()
    return read.wrong


def held_to_the_subset(sent: Any) -> Message:
    """A mail of Django's outbox, read again from its bytes; asserts that it is what it may be."""
    again = message_from_bytes(sent.message().as_bytes())
    assert again.get_content_type() == "multipart/alternative"
    plain, html = again.get_payload()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert ALWAYS <= set(again.keys()) <= ALWAYS | MAY_BE
    assert len(again.keys()) == len(set(again.keys()))
    assert faults_of(html.get_payload(decode=True).decode()) == []
    return again
