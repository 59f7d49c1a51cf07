"""Small pictures, drawn by a child that can be killed: five seconds of processor, a gigabyte of memory."""

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from itsm.files import store
from itsm.files.models import Attachment
from itsm.files.vocabulary import Preview

PATIENCE = 30  # seconds; its own limit of processor time comes first
_PROGRAM = "itsm.files.drawing"


def draw(attachment: Attachment) -> Preview:
    """Draw it where it is not there, and note what came of it. Safe to run twice."""
    target = store.thumbnail_of(attachment.sha256)
    made = target.exists() or _drawn(store.place_of(attachment.sha256), target)
    result = Preview.MADE if made else Preview.NONE
    Attachment.objects.filter(pk=attachment.pk).update(preview=result)
    return result


def _drawn(source: Path, target: Path) -> bool:
    """Under another name first, so that nobody is shown half of one."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = store.folder(store.INCOMING) / f"{target.stem}.{os.getpid()}.webp"
    try:
        subprocess.run(  # noqa: S603 - our own program; both paths are ours
            [sys.executable, "-m", _PROGRAM, str(source), str(unfinished)],
            capture_output=True, timeout=PATIENCE, cwd=settings.BASE_DIR, check=True,
            env={"PYTHONPATH": str(settings.BASE_DIR)},
        )  # fmt: skip
        unfinished.replace(target)
    except (subprocess.SubprocessError, OSError):
        return False
    finally:
        unfinished.unlink(missing_ok=True)
    return True
