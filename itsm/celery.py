"""The Celery application: it carries nudges; what is owed and due stands in PostgreSQL."""

import os
from pathlib import Path
from typing import Any

from celery import Celery, signals
from django.apps import apps

from itsm.kernel import garbage

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itsm.settings")
garbage.search_little()


def rooms_with_tasks() -> list[str]:
    """The packages that hold a `tasks.py`: the apps, and their sub-domains."""
    return [
        ".".join([config.name, *file.parent.relative_to(config.path).parts])
        for config in apps.get_app_configs()
        for pattern in ("tasks.py", "*/tasks.py")
        for file in sorted(Path(config.path).glob(pattern))
    ]


app = Celery("headroom")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(rooms_with_tasks)


@signals.worker_init.connect
def spare_what_is_loaded(**_: Any) -> None:
    """Before the worker forks its processes."""
    garbage.spare_what_is_loaded()
