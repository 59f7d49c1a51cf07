"""Records that a field may point to, by type: each is chosen and named among what the reader may see.

Apps that own such records register them in `AppConfig.ready()`.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from itsm.accounts.models import Team, User
from itsm.kernel.actors import Actor, Role


@dataclass(frozen=True, slots=True)
class Reference:
    """`chosen`: what may be put into a field, held to its rules; `seen`: what the actor may be shown; `name`: the
    attribute by which REST and CSV name a record. `called`: those of these rows that a name means, where that attribute
    is no column. `rule_names`: rule -> the names that it may say."""

    chosen: Callable[[Actor, Mapping[str, Any]], "QuerySet[Any]"]
    seen: Callable[[Actor], "QuerySet[Any]"]
    name: str
    called: Callable[["QuerySet[Any]", str], "QuerySet[Any]"] | None = None
    rule_names: Mapping[str, Callable[[], Collection[str]]] = field(default_factory=dict)

    def of_name(self, rows: "QuerySet[Any]", name: str) -> "QuerySet[Any]":
        """Those of these rows that this name means, in capitals or not."""
        return self.called(rows, name) if self.called is not None else rows.filter(**{f"{self.name}__iexact": name})


def _people(actor: Actor, rules: Mapping[str, Any]) -> "QuerySet[User]":
    found = User.objects.active_people()
    if "role" in rules:
        found = found.filter(roles__contains=[rules["role"]])
    if "team" in rules:
        found = found.filter(teams__slug=rules["team"])
    return found.order_by("name", "username")


def _teams() -> list[str]:
    return list(Team.objects.filter(retired_at=None).order_by("slug").values_list("slug", flat=True))


PEOPLE = Reference(
    _people, lambda actor: User.objects.all(), "username",
    rule_names={"role": lambda: [role.value for role in Role], "team": _teams},
)  # fmt: skip
TEAMS = Reference(
    lambda actor, rules: Team.objects.visible_to(actor).filter(retired_at=None).order_by("name"),
    lambda actor: Team.objects.visible_to(actor),
    "slug",
)

_known: dict[str, Reference] = {}


def register(type_: str, reference: Reference) -> None:
    """Say how fields of a type are chosen and named. Called once per type, at start."""
    _known[type_] = reference


def reference_of(type_: str) -> Reference | None:
    return _known.get(type_)
