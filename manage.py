#!/usr/bin/env python3
"""Django's commands; finds `.venv` and the running environment by itself."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

PYTHON = Path(__file__).resolve().parent / ".venv" / "bin" / "python"


def main() -> None:
    if not find_spec("django"):
        use_our_python()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itsm.settings")
    # Only now: before, there may have been no Django to import.
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    from itsm.audit_trail import ahead
    from itsm.kernel import garbage

    garbage.search_little()
    try:
        ahead.begin(sys.argv[1:])
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, OperationalError) as error:
        if "--traceback" in sys.argv:
            raise
        raise SystemExit(sentence(error)) from None
    finally:
        ahead.let_go()
        garbage.search_no_more()


def sentence(error: Exception) -> str:
    """What went wrong before a command could begin, and what to do; --traceback shows the rest."""
    first = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return f"{first}\nCommands need a desk: leave `make run` running (DEMO=off: an empty one), and try again beside it."


def use_our_python() -> None:
    """Called as ./manage.py by the machine's python: start again with the one of `.venv`."""
    if not PYTHON.exists() or Path(sys.prefix) == PYTHON.parent.parent:
        raise SystemExit("Django is not installed here; `make setup` (or `make run`) installs it.")
    os.execv(PYTHON, [str(PYTHON), *sys.argv])  # noqa: S606 - ourselves, by our own path


if __name__ == "__main__":
    main()
