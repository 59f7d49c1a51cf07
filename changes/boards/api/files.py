"""Minutes as a file: Markdown, or PDF for people without an account here."""

from typing import Any

from rest_framework import renderers

from changes.boards.models import Minutes
from changes.boards.queries.minutes_text import on_paper


class MarkdownRenderer(renderers.BaseRenderer):
    """The minutes as they were written; a problem stays JSON."""

    media_type, format, charset = "text/markdown", "md", "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return self.file_of(data) if isinstance(data, Minutes) else renderers.JSONRenderer().render(data)

    def file_of(self, minutes: Minutes) -> bytes:
        """The bytes to keep or to send on."""
        return minutes.text.encode()


class PdfRenderer(MarkdownRenderer):
    """The same on paper."""

    media_type, format, charset, render_style = "application/pdf", "pdf", None, "binary"  # type: ignore[assignment]

    def file_of(self, minutes: Minutes) -> bytes:
        """The same bytes whenever it is asked for."""
        return on_paper(minutes)
