"""ICS files are read in a child: whoever wrote one cannot take the server with it."""

import json
import subprocess
import sys
from datetime import date
from typing import Any

from django.conf import settings
from django.utils.translation import gettext

from itsm.kernel.errors import InvalidInput

MAX_TEXT = 1_000_000  # characters
PATIENCE = 30  # seconds; its own limit of CPU comes first
_PROGRAM = "itsm.calendars.formats.ics"


def days_of_ics(text: str, first: date, last: date) -> dict[str, list[dict[str, Any]]]:
    """`days` and `skipped` of an ICS file; see `formats.ics`. InvalidInput where it cannot be read."""
    found: dict[str, list[dict[str, Any]]] = read_in_child(_PROGRAM, text, first.isoformat(), last.isoformat())
    return found


def read_in_child(program: str, text: str, *arguments: str) -> Any:
    """What a program of ours, a module that limits itself, makes of an ICS file. InvalidInput where it cannot."""
    if len(text) > MAX_TEXT:
        raise InvalidInput.about("ics", gettext("The file is larger than %(most)d characters.") % {"most": MAX_TEXT})
    try:
        ran = subprocess.run(  # noqa: S603 - our own program; the file is its input, no argument
            [sys.executable, "-m", program, *arguments],
            input=text.encode("utf-8", "replace"), capture_output=True, timeout=PATIENCE, cwd=settings.BASE_DIR,
            env={"PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(settings.BASE_DIR)}, check=True,
        )  # fmt: skip
    except (subprocess.SubprocessError, OSError) as error:
        raise InvalidInput.about("ics", gettext("This cannot be read as a calendar file (ICS).")) from error
    return json.loads(ran.stdout)
