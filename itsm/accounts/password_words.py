"""Passwords that anybody guesses who knows where they are: the product's and this desk's own names, and little else.

The words: of the product and its trade (`WORDS`), and the parts of this desk's host name. What is left of a password
without them, without figures and signs, must be at least four letters long.
"""

import re
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

WORDS = (
    "headroom", "servicedesk", "helpdesk", "service", "desk", "ticket", "incident", "change", "problem", "knowledge",
    "itsm", "itil", "cmdb", "admin", "administrator", "manager", "agent", "engineer", "approver", "auditor", "support",
    "password", "passwort", "welcome", "willkommen", "login", "secret",
)  # fmt: skip
LEAST_LEFT = 4  # letters
_NO_LETTER = re.compile(r"[\W\d_]+")


def words_of_this_place() -> list[str]:
    """Every word that a password may hold and not consist of, the longest first."""
    host = urlsplit(settings.BASE_URL).hostname or ""
    parts = [part for label in host.split(".") for part in label.split("-") if len(part) > 2]
    return sorted({*WORDS, *parts}, key=len, reverse=True)


class WordsOfThisPlace:
    """For AUTH_PASSWORD_VALIDATORS."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError for a password that is little more than words of this place."""
        left = _NO_LETTER.sub("", password.casefold())
        had = len(left)
        for word in words_of_this_place():
            left = left.replace(word, "")
        if len(left) < min(LEAST_LEFT, had):
            raise ValidationError(gettext("This password is little more than the name of this place or of its work."))

    def get_help_text(self) -> str:
        return gettext("Your password can’t be little more than the name of this place or of its work.")
