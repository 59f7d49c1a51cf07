"""The slug that a name gives, and the shape that every slug has."""

import re

from django.core.validators import RegexValidator
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

slug_shape = RegexValidator(
    r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z", _("Use lower-case letters, digits and '-', at most 63.")
)


def slug_of(name: str) -> str:
    """Lower-case ASCII words joined by '-', at most 63 characters; "" where the name has none."""
    return re.sub("[-_]+", "-", slugify(name))[:63].strip("-")  # slugify leaves '_' standing
