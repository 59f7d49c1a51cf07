"""Whose records are, so that a merge of two accounts of one person leaves nothing behind.

Apps above register in `AppConfig.ready()` what is a person's: what they asked for, what they follow, how it is found.
What somebody did stays under the name by which they did it: history is no reference. They also say what forbids that
two accounts become one person (`forbids`).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Value

from itsm.accounts.models import User
from itsm.kernel.actors import Actor

Count = Callable[[User], int]
Follow = Callable[[User, User, Actor], int]
Check = Callable[[User, User], None]


class Reference(NamedTuple):
    """`title`: for the preview; `count(person)`: how many there are; `follow(old, new, actor)`: moves them."""

    title: Any
    count: Count
    follow: Follow


_references: dict[str, Reference] = {}
_checks: list[Check] = []


def register(name: str, title: Any, *, count: Count, follow: Follow) -> None:
    """Say what of a kind is a person's. Called once per kind, at start."""
    _references[name] = Reference(title, count, follow)


def forbids(check: Check) -> None:
    """Say when two accounts must not become one person: `check(old, new)` writes nothing, and raises Conflict. Called
    once per rule, at start."""
    _checks.append(check)


def keeps_from_deciding(model: type[models.Model], field: str, **waits: Any) -> None:
    """Say which field keeps people from deciding about what waits: whoever goes on keeps out as the account that ends.

    `field`: names one account, or is an array of numbers. `waits`: what rows that can still be decided about look like.
    Called once per field, at start.
    """

    def follow(old: User, new: User, actor: Actor) -> int:
        rows = model._default_manager.filter(**waits)
        kept = model._meta.get_field(field)
        if not isinstance(kept, ArrayField):
            return rows.filter(**{field: old}).update(**{field: new})
        with_new = Func(F(field), Value(new.pk), function="array_append", output_field=kept)
        return rows.filter(**{f"{field}__contains": [old.pk]}).update(**{field: with_new})

    register(f"{model._meta.label_lower}.{field}", "", count=lambda person: 0, follow=follow)


def require_mergeable(old: User, new: User) -> None:
    """What a preview and the merge ask alike. Raises Conflict."""
    for check in _checks:
        check(old, new)


def counts(person: User) -> list[tuple[Any, int]]:
    """Titles with how many there are, of those that there are any of."""
    found = ((one.title, one.count(person)) for one in _references.values() if one.title)
    return [(title, number) for title, number in found if number]


def follow(old: User, new: User, *, actor: Actor) -> dict[str, int]:
    """Move everything from one account to the other, in the caller's transaction. How many, by name."""
    return {name: one.follow(old, new, actor) for name, one in _references.items()}
