"""Classes and types of relations, by administrators, without a deployment. Fields of a class: `itsm.fields`."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from catalog.cmdb import permissions
from catalog.cmdb.models import CIClass, RelationType
from catalog.cmdb.operations.built_in import ROOT_SCHEMES
from catalog.cmdb.vocabulary import MAX_CLASS_DEPTH, fields_owner
from itsm import lifecycle
from itsm.fields.models import FieldSet
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted

_Kept = TypeVar("_Kept", CIClass, RelationType)


def require_keeper(actor: Actor) -> None:
    """NotPermitted for who may not change classes."""
    if not permissions.class_keepers(actor):
        raise NotPermitted(gettext("%(actor_name)s may not change classes.") % {"actor_name": actor.name})


def add_class(
    *,
    actor: Actor,
    slug: str,
    name: str,
    parent: CIClass | None = None,
    description: str = "",
    icon: str = "",
    abstract: bool = False,
    schemes: Sequence[str] | None = None,
    fresh_for: timedelta | None = None,
) -> CIClass:
    """A new class below another, whose fields it has as well. Its items may be added at once.

    `schemes`: None inherits. Raises NotPermitted, InvalidInput (its key, too deep, below a retired one) and Conflict
    (the key is taken).
    """
    require_keeper(actor)
    if parent is not None and (parent.retired_at is not None or len(parent.lineage) >= MAX_CLASS_DEPTH):
        raise InvalidInput.about("parent", gettext("Nothing goes below this class: it is retired, or six deep."))
    made = CIClass(
        slug=slug, name=name, parent=parent, description=description, icon=icon, abstract=abstract,
        schemes=_given(schemes, parent), fresh_for=fresh_for,
    )  # fmt: skip
    _check(made, {"field_set", "lineage", "parent"})
    try:
        with transaction.atomic():
            above = parent.field_set if parent is not None else None
            made.field_set = FieldSet.objects.create(owner=fields_owner(slug), parent=above)
            made.save(force_insert=True)
            made.refresh_from_db(fields=["lineage"])
            return lifecycle.created(made, actor=actor, changes={"slug": [None, slug], "name": [None, name]})
    except IntegrityError as error:
        raise Conflict(gettext("There is already a class %(slug)s.") % {"slug": slug}) from error


def _given(schemes: Sequence[str] | None, parent: CIClass | None) -> list[str] | None:
    """A class at the root has nothing to inherit."""
    return list(ROOT_SCHEMES) if schemes is None and parent is None else (None if schemes is None else list(schemes))


def _check(record: Any, exclude: Collection[str]) -> None:
    lifecycle.require_readable(record)
    try:
        record.clean_fields(exclude=exclude)
    except ValidationError as error:
        raise InvalidInput(gettext("It cannot be saved like this."), error.message_dict) from error


def edit_class(ci_class: CIClass, *, actor: Actor, version: int | None, **fields: Any) -> CIClass:
    """Change its name, description, icon, abstract, schemes or fresh_for; key and place never change.

    Raises NotPermitted, InvalidInput, Conflict (items of a class that would be abstract), StaleVersion and
    VersionRequired.
    """
    require_keeper(actor)
    with lifecycle.edit(ci_class, actor=actor, version=version) as current:
        if fields.get("abstract") and current.items.exists():
            raise Conflict(gettext("%(name)s has items; it cannot be abstract.") % {"name": current.slug})
        for name, value in fields.items():
            setattr(current, name, value)
    return current


def retire_class(ci_class: CIClass, *, actor: Actor) -> CIClass:
    """It takes no new items; those that are there stay. Nothing where it is retired already.

    Raises NotPermitted, and Conflict for a built-in one.
    """
    return _retired(ci_class, actor)


def add_relation_type(*, actor: Actor, slug: str, reading: str, reverse: str, **terms: Any) -> RelationType:
    """A new type of relation. `terms`: flows, strength, grouping, source_classes, target_classes (ids).

    Raises NotPermitted, InvalidInput and Conflict (the key is taken).
    """
    require_keeper(actor)
    made = RelationType(slug=slug, reading=reading, reverse=reverse, **terms)
    _check(made, set())
    _require_flow(made)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
            return lifecycle.created(made, actor=actor, changes={"slug": [None, slug], "flows": [None, made.flows]})
    except IntegrityError as error:
        raise Conflict(gettext("There is already a type %(slug)s.") % {"slug": slug}) from error


def _require_flow(type_: RelationType) -> None:
    if type_.flows == "none" and type_.grouping != "none":
        raise InvalidInput.about("grouping", gettext("What carries no failure stands in no group."))


def edit_relation_type(type_: RelationType, *, actor: Actor, version: int | None, **fields: Any) -> RelationType:
    """Change its readings and the classes that it joins. What it means to impact never changes: add another type.

    Raises NotPermitted, InvalidInput, Conflict (a built-in one), StaleVersion and VersionRequired.
    """
    require_keeper(actor)
    if type_.built_in:
        raise Conflict(gettext("%(name)s is built in, and stays.") % {"name": type_.slug})
    with lifecycle.edit(type_, actor=actor, version=version) as current:
        for name, value in fields.items():
            setattr(current, name, value)
    return current


def retire_relation_type(type_: RelationType, *, actor: Actor) -> RelationType:
    """No new relations of it; those that are there stay. Raises NotPermitted, and Conflict for a built-in one."""
    return _retired(type_, actor)


def _retired(one: _Kept, actor: Actor) -> _Kept:
    require_keeper(actor)
    if one.built_in:
        raise Conflict(gettext("%(name)s is built in, and stays.") % {"name": one.slug})
    with lifecycle.edit(one, actor=actor, version=None, version_required=False, event="retired") as current:
        current.retired_at = current.retired_at or timezone.now()
    return current
