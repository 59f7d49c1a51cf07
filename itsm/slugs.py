"""The slug that a name gives, and the shape that every slug has."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

slug_shape = RegexValidator(
    r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z", _("Use lower-case letters, digits and '-', at most 63.")
)


def slug_refusal(text: str) -> str:
    """What is wrong with a text as a slug, in a sentence; "" where nothing is. Raises nothing."""
    try:
        slug_shape(text)
    except ValidationError as error:
        return str(error.message)
    return ""


def slug_of(name: str) -> str:
    """Lower-case ASCII words joined by '-', at most 63 characters; "" where the name has none."""
    return re.sub("[-_]+", "-", slugify(name))[:63].strip("-")  # slugify leaves '_' standing


def free_slug(name: str, rows: Any, *, otherwise: str, reserved: frozenset[str] = frozenset()) -> str:
    """The slug that a name gives (`otherwise` where it gives none), with a number where one of `rows`, a queryset of
    records with slugs, has it already or it is `reserved`."""
    wanted = slug_of(name)[:58].strip("-") or otherwise
    taken = reserved | set(rows.filter(slug__startswith=wanted).values_list("slug", flat=True))
    return next(one for n in range(1, len(taken) + 2) if (one := wanted if n == 1 else f"{wanted}-{n}") not in taken)
