"""The pages on which something is set, by group: each app names its own in its `apps.py`.

The page of settings lists them; a new one is found there without anybody editing that page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class SettingsGroup(models.TextChoices):
    """What a page sets, in the order in which they are listed."""

    WORK = "work", _("How work is done")
    PEOPLE = "people", _("People and ways in")
    CONNECTIONS = "connections", _("What is connected")
    CUSTODY = "custody", _("What is kept and proven")


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """`url_name`: of a page without words in its address; `about`: one line of what is set there."""

    group: SettingsGroup
    title: Any
    about: Any
    url_name: str

    @property
    def path(self) -> str:
        return reverse(self.url_name)


def settings_pages() -> list[tuple[SettingsGroup, Sequence[SettingsPage]]]:
    """Every page by group, by title; groups without any are left out.

    An app says its own in its `apps.py`: `settings_pages = (("work", _("Calendars"), _("..."), "calendars:list"),)`.
    """
    said = (page for config in apps.get_app_configs() for page in getattr(config, "settings_pages", ()))
    pages = [SettingsPage(SettingsGroup(group), *rest) for group, *rest in said]
    found = [
        (group, sorted((one for one in pages if one.group is group), key=lambda one: str(one.title)))
        for group in SettingsGroup
    ]
    return [(group, there) for group, there in found if there]
