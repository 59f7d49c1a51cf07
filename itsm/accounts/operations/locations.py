"""Keeping the places where people work."""

import re
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.accounts.models import Location
from itsm.accounts.operations.checks import checked, known_zone, people_keepers_only
from itsm.accounts.queries.places import lies_in
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput

DEEPEST = 8
_SLUG = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)


@transaction.atomic
def add_location(
    *, actor: Actor, slug: str, name: str, parent: Location | None = None, time_zone: str = ""
) -> Location:
    """A new place. Raises NotPermitted, InvalidInput (no such zone, a retired parent), Conflict (the slug is taken)."""
    people_keepers_only(actor)
    _check_parent(parent)
    if not _SLUG.fullmatch(slug):
        raise InvalidInput.about("slug", gettext("Small letters, digits and hyphens, such as oslo-office."))
    made = checked(Location(slug=slug, name=name, parent=parent, time_zone=time_zone and known_zone(time_zone)))
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError as error:
        raise Conflict(gettext("There is already a location called %(slug)s.") % {"slug": slug}) from error
    return lifecycle.created(
        made, actor=actor, changes={"name": [None, name], "parent": [None, parent.slug if parent else None]}
    )


def edit_location(
    location: Location, *, actor: Actor, version: int | None, retired: bool | None = None, **fields: Any
) -> Location:
    """Change its name, parent or time_zone; `retired`: it takes nobody new, or does again.

    Raises NotPermitted, InvalidInput, Conflict (a place would lie in itself), StaleVersion, VersionRequired.
    """
    people_keepers_only(actor)
    if fields.get("time_zone"):
        known_zone(fields["time_zone"])
    if fields.get("parent") is not None and fields["parent"].pk != location.parent_id:
        _check_parent(fields["parent"])
    try:
        with transaction.atomic(), lifecycle.edit(location, actor=actor, version=version) as current:
            for name, value in fields.items():
                setattr(current, name, value)
            checked(current)
            if retired is not None and retired != (current.retired_at is not None):
                current.retired_at = timezone.now() if retired else None
    except IntegrityError as error:
        raise Conflict(gettext("No place lies in itself, directly or through others.")) from error
    return current


def _check_parent(parent: Location | None) -> None:
    if parent is None:
        return
    if parent.retired_at is not None:
        raise InvalidInput.about("parent", gettext("%(place)s is retired.") % {"place": parent})
    if len(lies_in(parent.pk)) >= DEEPEST:
        raise InvalidInput.about("parent", gettext("Places lie at most %(most)s deep.") % {"most": DEEPEST})
