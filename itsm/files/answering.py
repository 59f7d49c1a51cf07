"""The bytes of a file as an answer: shown only where they are what they seem, and able to do nothing."""

from django.http import FileResponse
from django.utils.translation import gettext

from itsm.files import store
from itsm.files.models import Attachment
from itsm.files.vocabulary import ShownType
from itsm.kernel.errors import NotFound

_WALLS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}


def bytes_of(attachment: Attachment, *, download: bool = False) -> FileResponse:
    """The file itself; for download where asked, or where a browser must not show it. NotFound where none lie there."""
    try:
        opened = store.place_of(attachment.sha256).open("rb")
    except OSError as error:
        raise NotFound(gettext("The bytes of this file are not on the server.")) from error
    inline = attachment.shows_inline and not download
    kind = attachment.shown_type if inline else ShownType.OTHER
    if kind == ShownType.TEXT:
        kind = f"{kind}; charset=utf-8"
    answer = FileResponse(opened, as_attachment=not inline, filename=attachment.name, content_type=str(kind))
    return _walled(answer)


def thumbnail(attachment: Attachment) -> FileResponse:
    """The small picture, which Headroom drew itself. NotFound where there is none."""
    try:
        if not attachment.has_picture:
            raise OSError
        opened = store.thumbnail_of(attachment.sha256).open("rb")
    except OSError as error:
        raise NotFound(gettext("There is no small picture of this file.")) from error
    return _walled(FileResponse(opened, content_type="image/webp"))


def _walled(answer: FileResponse) -> FileResponse:
    for name, value in _WALLS.items():
        answer[name] = value
    return answer
