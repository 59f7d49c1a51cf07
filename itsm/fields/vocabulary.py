"""The types of fields, when one is required, and the shapes and rules that a text or a number may be held to."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Type(models.TextChoices):
    """What a field holds. A type never changes, but text may grow long and a whole number decimal."""

    TEXT = "text", _("text, one line")
    LONG = "long", _("long text")
    WHOLE = "whole", _("whole number")
    DECIMAL = "decimal", _("decimal number")
    YES_NO = "yes_no", _("yes or no")
    CHOICE = "choice", _("one of a list")
    CHOICES = "choices", _("several of a list")
    DATE = "date", _("date")
    INSTANT = "instant", _("date and time")
    PERSON = "person", _("person")
    TEAM = "team", _("team")
    SERVICE = "service", _("service")
    CI = "ci", _("configuration item")
    LINK = "link", _("web address (https)")


FILE = "file"  # of a question of a form: no record has a field of it
ASKED_BY: list[tuple[str, Any]] = [*Type.choices, (FILE, _("a file"))]


class Required(models.TextChoices):
    """When a record may not be without it."""

    NEVER = "never", _("never")
    CREATE = "create", _("to open a record")
    RESOLVE = "resolve", _("to resolve a record")


KEY = r"^[a-z][a-z0-9_]{0,39}\Z"  # of a field, an option, a question
WITH_OPTIONS = frozenset({Type.CHOICE.value, Type.CHOICES.value})
REFERENCES = frozenset({Type.PERSON.value, Type.TEAM.value, Type.SERVICE.value, Type.CI.value})
NUMBERS = frozenset({Type.WHOLE.value, Type.DECIMAL.value})
TIMES = frozenset({Type.DATE.value, Type.INSTANT.value})
RANGES = NUMBERS | TIMES
WIDENS = {Type.TEXT.value: Type.LONG.value, Type.WHOLE.value: Type.DECIMAL.value}
