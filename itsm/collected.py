"""What every app says of itself for the settings, as attributes of its AppConfig: read before any model is loaded.

`beat`: entries of Celery's schedule, by name. `badges`: modules of template tags that every page may use.
`enum_names`: names of choices in the API's schema.
"""

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

from django.apps import AppConfig


def entries(apps: Sequence[str], attribute: str) -> dict[str, Any]:
    """The dictionaries of all apps as one. ValueError where two apps use the same key."""
    found: dict[str, Any] = {}
    for app, said in _said(apps, attribute):
        if twice := found.keys() & said.keys():
            raise ValueError(f"{app} says {sorted(twice)} of {attribute}, which another app says already.")
        found |= said
    return found


def names(apps: Sequence[str], attribute: str) -> list[str]:
    """The lists of all apps as one."""
    return [name for _, said in _said(apps, attribute) for name in said]


def _said(apps: Sequence[str], attribute: str) -> Iterator[tuple[str, Any]]:
    for app in apps:
        for config in vars(import_module(f"{app}.apps")).values():
            own = isinstance(config, type) and issubclass(config, AppConfig) and config.__module__ == f"{app}.apps"
            if own and hasattr(config, attribute):
                yield app, getattr(config, attribute)
