"""The slug of a macro or template: its name's, and a number where that is taken."""

from typing import Any

from itsm.slugs import slug_of

_PAGES = {"add", "templates"}  # addresses beside those of the macros


def free_slug(record: Any) -> str:
    """One that no other of its kind has."""
    wanted = slug_of(record.name)[:58].strip("-") or record.kind
    rows = type(record)._default_manager.filter(record_kind=record.record_kind, slug__startswith=wanted)
    taken = _PAGES | set(rows.values_list("slug", flat=True))
    return next(one for n in range(1, len(taken) + 2) if (one := wanted if n == 1 else f"{wanted}-{n}") not in taken)
