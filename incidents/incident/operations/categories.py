"""Categories: a tree of three levels, kept by administrators. A retired one stays on what has it."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from incidents.incident import permissions
from incidents.incident.models import Category, Incident
from itsm import lifecycle
from itsm.accounts.models import Team
from itsm.accounts.queues import rights_in_queues
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, WrongState
from itsm.kernel.texts import is_blank
from itsm.work import category_references

BETWEEN = " / "
MOST_LEVELS = 3
_MOST_NAMED = 20
_LONGEST_PATH = 250


@transaction.atomic
def add_category(*, actor: Actor, name: str, parent: Category | None = None, team: Team | None = None) -> Category:
    """One more, under another or at the top; `team`: the queue that new incidents of it lie in.

    Raises NotPermitted, InvalidInput (name, queue, a fourth level), Conflict (the name is taken there).
    """
    _require_keeper(actor)
    if parent is not None:
        parent = Category.objects.select_for_update(no_key=True).get(pk=parent.pk)
        if parent.depth >= MOST_LEVELS or parent.retired_at is not None:
            words = gettext("%(parent)s takes no more under it: three levels, and none that is retired.")
            raise InvalidInput.about("parent", words % {"parent": parent.path})
    _check_name(name)
    _check_queue(actor, team)
    made = Category(name=name.strip(), parent=parent, team=team, depth=parent.depth + 1 if parent else 1)
    made.path = _path(made)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise _taken(made) from error
    return lifecycle.created(made, actor=actor, changes={"path": [None, made.path]})


def edit_category(category: Category, *, actor: Actor, version: int | None, **fields: Any) -> Category:
    """Another name or queue (`team`). What lies under it is renamed with it; records keep their category, and macros,
    templates, views, rules, agreements and reports that name it name it anew.

    Raises NotPermitted, InvalidInput, Conflict (the name is taken), StaleVersion, VersionRequired.
    """
    _require_keeper(actor)
    if "name" in fields:
        _check_name(fields["name"])
    if fields.get("team") is not None:
        _check_queue(actor, fields["team"])
    with transaction.atomic(), lifecycle.edit(category, actor=actor, version=version) as current:
        before = current.path
        for name, value in fields.items():
            setattr(current, name, value.strip() if name == "name" else value)
        current.path = _path(current)
        if current.path != before:
            under = _rename_under(current, before)
            category_references.follow(Incident.kind, {before: current.path, **under}, actor=actor)
    return current


def retire_category(category: Category, *, actor: Actor, version: int | None = None) -> Category:
    """It takes nothing new, nor does what lies under it. Raises NotPermitted, StaleVersion."""
    _require_keeper(actor)
    now = timezone.now()
    with lifecycle.edit(category, actor=actor, version=version, event="retired", version_required=False) as current:
        current.retired_at = current.retired_at or now
        under = Category.objects.filter(path__startswith=current.path + BETWEEN, retired_at=None)
        under.update(retired_at=now)
    return current


def revive_category(category: Category, *, actor: Actor, version: int | None = None) -> Category:
    """It takes new incidents again. Raises NotPermitted, StaleVersion, WrongState (what it lies under is retired)."""
    _require_keeper(actor)
    with lifecycle.edit(category, actor=actor, version=version, event="revived", version_required=False) as current:
        if current.parent is not None and current.parent.retired_at is not None:
            raise WrongState(gettext("%(parent)s is retired; revive that first.") % {"parent": current.parent.path})
        current.retired_at = None
    return current


def named_still(category: Category, *, actor: Actor) -> list[str]:
    """What names this category or one under it, in words: macros, templates, shared views, rules, agreements. Of
    people's own none. Raises nothing."""
    under = Category.objects.filter(path__startswith=category.path + BETWEEN).values_list("path", flat=True)
    found = category_references.naming(Incident.kind, [category.path, *under])
    rights = rights_in_queues(actor)
    open_ones = [
        one for one in found if getattr(one, "owner_id", None) is None and rights.sees(getattr(one, "team_id", None))
    ]
    return [f"{one._meta.verbose_name} {one}" for one in open_ones[:_MOST_NAMED]]


def _require_keeper(actor: Actor) -> None:
    if not permissions.keepers(actor):
        raise NotPermitted(gettext("Administrators keep categories and the priority matrix."))


def _check_name(name: str) -> None:
    if is_blank(name) or len(name.strip()) > 80 or "/" in name or "," in name:
        words = gettext("Give it a name of at most 80 characters, without a slash or a comma.")
        raise InvalidInput.about("name", words)


def _check_queue(actor: Actor, team: Team | None) -> None:
    if team is not None and not (team.takes_work and team.retired_at is None and rights_in_queues(actor).sees(team.pk)):
        raise InvalidInput.about("team", gettext("There is no such queue."))


def _path(category: Category) -> str:
    path = category.parent.path + BETWEEN + category.name if category.parent is not None else category.name
    if len(path) > _LONGEST_PATH:
        words = gettext("With what it lies under, the name is longer than %(most)s characters.")
        raise InvalidInput.about("name", words % {"most": _LONGEST_PATH})
    if Category.objects.filter(path__iexact=path).exclude(pk=category.pk).exists():
        raise _taken(category)
    return path


def _rename_under(category: Category, before: str) -> dict[str, str]:
    """The paths of what lies under it, old to new."""
    renames = {}
    for one in Category.objects.select_for_update(no_key=True).filter(path__startswith=before + BETWEEN).order_by("pk"):
        old, one.path = one.path, category.path + one.path.removeprefix(before)
        renames[old] = one.path
        if len(one.path) > _LONGEST_PATH:
            raise InvalidInput.about("name", gettext("What lies under it would have too long a name."))
        one.version += 1
        one.save(update_fields=["path", "version"])
    return renames


def _taken(category: Category) -> Conflict:
    return Conflict(gettext("There is a category called %(name)s there already.") % {"name": category.name})
