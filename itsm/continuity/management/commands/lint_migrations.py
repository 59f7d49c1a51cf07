"""Whether every migration may run while the release before still serves."""

import sys
import tomllib
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db.migrations.loader import MigrationLoader

from itsm.continuity.migrating import rules


class Command(BaseCommand):
    help = "Hold every migration against the rules of expanding and contracting; exit code 1 where one breaks one."

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(all_faults(release()))
        for line in found:
            self.stdout.write(line)
        if found:
            sys.exit(1)


def release() -> str:
    """The release that is being made."""
    return str(tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]["version"])


def all_faults(made: str) -> list[str]:
    """Of the apps of this house, as `app.name: sentence`."""
    loader = MigrationLoader(None)
    ours = {name.rpartition(".")[2] for name in settings.OWN_APPS}
    found = []
    for (app, name), migration in sorted(loader.disk_migrations.items()):
        if app in ours and not migration.initial:
            state = loader.project_state((app, name), at_end=False)
            found += [f"{app}.{name}: {fault}" for fault in rules.faults(migration, state, made)]
    return found
