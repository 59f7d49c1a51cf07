"""What Django itself judges, in one program: to start one takes longer than most of these questions.

Migrations that are missing, migrations that hold people up or break the release before, and the settings as they are
where the desk is deployed.
"""

import os
import sys
from contextlib import redirect_stdout
from typing import Any

import django
from django.core.management import CommandError, call_command

# Its settings hold behind https, where they must without exception.
DEPLOYED = {"HEADROOM_BASE_URL": "https://headroom.example", "HEADROOM_ALLOWED_HOSTS": "headroom.example"}
# Django's own checks are made by the last one.
QUESTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("makemigrations", {"check_changes": True, "dry_run": True, "skip_checks": True}),
    ("lint_migrations", {"skip_checks": True}),
    ("check", {"deploy": True, "fail_level": "WARNING"}),
)


def main() -> int:
    """1 where one of them found something, which is said."""
    os.environ.update(DEPLOYED)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itsm.settings")
    django.setup()
    return max(asked(name, options) for name, options in QUESTIONS)


def asked(name: str, options: dict[str, Any]) -> int:
    """1 where the command found something, which stands in what it prints below its name."""
    try:
        with redirect_stdout(sys.stderr):  # in the order in which both are written
            call_command(name, **options)
    except (CommandError, SystemExit) as found:
        said = f": {found}" if isinstance(found, CommandError) else ""
        print(f"{name} found something{said}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
