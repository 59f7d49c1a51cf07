"""What roles hold: built-in ones and own ones, side by side, and whom a change would touch."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from itsm.accounts.models import OwnRole, Role, User
from itsm.accounts.named_rights import NamedRight, built_in_holders, named_rights, rights_held, with_included
from itsm.kernel.actors import Role as ActorRole

GROUPS = {
    "agreements": _("Agreements"), "alerts": _("Alerts"), "announcements": _("Announcements"),
    "assignment": _("Assignment"), "calendar": _("Change calendar"), "catalog": _("Catalog"),
    "change_models": _("Change models"), "changes": _("Changes"), "deliveries": _("Deployments"), "desk": _("The desk"),
    "environments": _("Environments"), "escalations": _("Escalation"), "files": _("Files"), "health": _("Health"),
    "hours": _("Opening hours"), "imports": _("Imports of items"), "improvements": _("Improvements"),
    "incidents": _("Incidents"), "items": _("Configuration items"), "knowledge": _("Knowledge"), "mail": _("Mail"),
    "major": _("Major incidents"), "objectives": _("Objectives"), "oncall": _("On call"), "paging": _("Paging"),
    "people": _("People"), "policies": _("Policies"), "problems": _("Problems"), "queues": _("Queues"),
    "requests": _("Requests"), "satisfaction": _("Satisfaction"), "services": _("Services"),
    "status": _("Status pages"), "workloads": _("Pipelines"),
}  # fmt: skip


class Group(NamedTuple):
    """Rights about one thing, in words."""

    name: Any
    rights: list[NamedRight]


@cache
def held_by_built_in() -> dict[str, frozenset[str]]:
    """Right -> the built-in roles that may the same, found by asking its predicates."""
    return {name: frozenset(role.value for role in built_in_holders(one)) for name, one in named_rights().items()}


def rights_of_built_in(role: str) -> frozenset[str]:
    """The named rights that a built-in role holds anyway."""
    return frozenset(name for name, roles in held_by_built_in().items() if role in roles)


def in_groups(rights: Iterable[str] | None = None) -> list[Group]:
    """Those rights, or all, by what they are about; groups by their names in words."""
    known = named_rights()
    groups: dict[str, list[NamedRight]] = {}
    for name in sorted(known if rights is None else {*rights} & set(known)):
        groups.setdefault(known[name].group, []).append(known[name])
    named = [Group(GROUPS.get(group, group), found) for group, found in groups.items()]
    return sorted(named, key=lambda one: str(one.name).casefold())


def holders(role: OwnRole) -> "QuerySet[User]":
    """The active accounts that hold it, by name."""
    return User.objects.filter(own_roles__contains=[role.slug], is_active=True).order_by("name", "username")


def numbers_of_holders() -> dict[str, int]:
    """Slug -> how many active accounts hold it. One query."""
    counts: dict[str, int] = {}
    for held in User.objects.filter(is_active=True).exclude(own_roles=[]).values_list("own_roles", flat=True):
        for slug in held:
            counts[slug] = counts.get(slug, 0) + 1
    return counts


@dataclass(frozen=True, slots=True)
class Touched:
    """One account, and what it would gain and lose; what it may by another role stays."""

    person: User
    gains: list[NamedRight]
    loses: list[NamedRight]


def who_is_touched(role: OwnRole, rights: Collection[str], most: int = 200) -> list[Touched]:
    """Of the first `most` holders those to whom other rights of this role make a difference. Two queries."""
    known, wanted = named_rights(), with_included(frozenset(rights))
    of_others = dict(OwnRole.objects.standing().exclude(pk=role.pk).values_list("slug", "rights"))
    found = []
    for person in holders(role)[:most]:
        built_in = {one for name in person.roles for one in rights_of_built_in(name)}
        others = [one for slug in person.own_roles for one in of_others.get(slug, ())]
        now = () if role.is_retired else role.rights
        before, after = (rights_held(person.roles, [*others, *held]) | built_in for held in (now, wanted))
        if before != after:
            gains, loses = ([known[one] for one in sorted(some)] for some in (after - before, before - after))
            found.append(Touched(person, gains, loses))
    return found


class Difference(NamedTuple):
    """Of two roles: what only the one, only the other, and both may."""

    only_here: list[Group]
    only_there: list[Group]
    both: list[Group]


def difference(here: Collection[str], there: Collection[str]) -> Difference:
    """By right, in groups."""
    one, other = frozenset(here), frozenset(there)
    return Difference(in_groups(one - other), in_groups(other - one), in_groups(one & other))


class Known(NamedTuple):
    """A role by the name that addresses use: `own:<slug>`, or the built-in role's."""

    key: str
    name: str
    rights: frozenset[str]


def role_called(key: str) -> Known | None:
    """The built-in or own role of this name."""
    if key in Role.values:
        return Known(key, str(Role(key).label), rights_of_built_in(key))
    found = OwnRole.objects.filter(slug=key.removeprefix("own:")).first() if key.startswith("own:") else None
    return None if found is None else Known(key, found.name, frozenset(found.rights))


def all_roles() -> list[tuple[str, str]]:
    """Every role to choose from: built-in ones, then own ones that stand."""
    own = [(f"own:{slug}", name) for slug, name in OwnRole.objects.standing().values_list("slug", "name")]
    return [*((one.value, str(Role(one.value).label)) for one in ActorRole), *own]
