"""What is sent goes to the disk as it comes, a piece at a time, and is hashed and measured on the way."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, TypeVar

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from itsm.api.middleware import takes_files
from itsm.files import store
from itsm.files.vocabulary import MAX_BYTES, MAX_MESSAGE_BYTES

_AROUND = 200_000  # the other fields of a form and its boundaries
ONE_FILE, MESSAGE = MAX_BYTES + _AROUND, MAX_MESSAGE_BYTES + _AROUND

View = TypeVar("View", bound=Callable[..., Any])


class Received(UploadedFile):  # type: ignore[type-arg]  # generic in the stubs alone
    """A file that was sent. `size` counts on past the limit, where nothing is written any more.

    `is_lost`: the disk did not take it. `path`: where it lies until it is kept.
    """

    def __init__(self, name: str) -> None:
        super().__init__(file=None, name=name, content_type=None, size=0)
        self.size: int = 0
        self.is_lost, self.path = False, Path()
        self.hash = hashlib.sha256()
        self._written: IO[bytes] | None = None
        try:
            self._written, self.path = store.begin()
        except OSError:
            self.is_lost = True

    def __str__(self) -> str:
        """By its bytes: who sends another file under the same Idempotency-Key asks something else."""
        return f"{self.name} {self.sha256}"

    def __del__(self) -> None:
        self.close()

    @property
    def sha256(self) -> str:
        return self.hash.hexdigest()

    def take(self, piece: bytes) -> None:
        """One more piece."""
        self.size += len(piece)
        if self.is_lost or self._written is None or self.size > MAX_BYTES:
            return
        self.hash.update(piece)
        try:
            self._written.write(piece)
        except OSError:
            self.is_lost = True

    def whole(self) -> None:
        """All of it came."""
        try:
            if self._written is not None:
                self._written.flush()
        except OSError:
            self.is_lost = True

    def close(self) -> None:
        """Nobody needs it here any more; what was kept lies under another name."""
        written, self._written = self._written, None
        if written is None:
            return
        with suppress(OSError):
            written.close()
        with suppress(OSError):
            self.path.unlink(missing_ok=True)


class OntoDisk(FileUploadHandler):
    """Django's way to the above: nothing of a file is held in memory but the piece that just came."""

    received: Received | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.received = Received(str(self.file_name or ""))

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.received is not None:
            self.received.take(raw_data)

    def file_complete(self, file_size: int) -> Any:
        if self.received is not None:
            self.received.whole()
        return self.received

    def upload_interrupted(self) -> None:
        if self.received is not None:
            self.received.close()


def takes_attachments(most: int) -> Callable[[View], View]:
    """Say of a view, or of a viewset, that files are sent there; a body of more than `most` bytes is not read."""

    def mark(view: View) -> View:
        takes_files(view)
        view.largest_body = most  # type: ignore[attr-defined]
        view.upload_handler = OntoDisk  # type: ignore[attr-defined]
        return view

    return mark
