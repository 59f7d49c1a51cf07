"""The snapshot of all public pages: built from the database, written aside, and put in place by one rename."""

import gzip
import hashlib
from datetime import datetime
from pathlib import Path

from django.utils import timezone, translation

from itsm.statuspage import places
from itsm.statuspage.models import StatusPage
from itsm.statuspage.public.reading import read_page
from itsm.statuspage.public.rendering import File, asset_files, files_of, index_of
from itsm.statuspage.vocabulary import Visibility

_WORTH_ZIPPING = 600  # bytes


def public_files(at: datetime, base_url: str = "") -> dict[str, File]:
    """Path below /status/ -> file, of each page that everybody may read and of no other. `base_url`: see `files_of`."""
    pages = StatusPage.objects.filter(visibility=Visibility.PUBLIC, retired_at=None).order_by("name", "pk")
    with translation.override("en"):
        read = [read_page(page, at) for page in pages]
        found = {"": index_of(read), **asset_files()}
        for page in read:
            found |= {f"{page.slug}/{path}": file for path, file in files_of(page, base_url).items()}
    return found


def build() -> int:
    """Make the snapshot as the database stands, and serve it. How many files. Safe to run twice, and side by side."""
    with places.alone() as place:
        at = timezone.now()  # read once the lock is held: what is put in place last was read last
        name = f"{at:%Y%m%dT%H%M%S%f}"
        release = place / places.RELEASES / name
        release.mkdir()
        files = public_files(at)
        written = {path: _write(release, number, file) for number, (path, file) in enumerate(files.items())}
        places.write_manifest(release, at, written)
        places.swap(place, name)
        return len(written)


def _write(release: Path, number: int, file: File) -> places.Written:
    name = str(number)
    (release / name).write_bytes(file.body)
    zipped = ""
    if len(file.body) > _WORTH_ZIPPING:
        zipped = f"{name}.gz"
        (release / zipped).write_bytes(gzip.compress(file.body, 6, mtime=0))
    return places.Written(name, file.content_type, hashlib.sha256(file.body).hexdigest()[:24], zipped)
