"""The slug that a name gives."""

from django.utils.text import slugify


def slug_of(name: str) -> str:
    """Lower-case ASCII words joined by '-', at most 63 characters; "" where the name has none."""
    return slugify(name)[:63].strip("-")
