"""The types of records that have fields. Each registers itself in `AppConfig.ready()`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from itsm.kernel.errors import InvalidInput

MAX_DEPTH = 6


@dataclass(frozen=True, slots=True)
class Owner:
    """`model` has the columns `attributes` and `version`. `label`: for people, in the plural.

    Where several owners share a prefix (ci:server, ci:printer), `names` are all of them, and `rows` the records of one.
    `recommends`: somebody is told where a recommended field is empty.
    """

    model: type[Model]
    label: Callable[[str], Any]
    names: Callable[[], list[str]] | None = None
    rows: Callable[[str], QuerySet[Any]] | None = None
    recommends: bool = False

    def records(self, name: str) -> QuerySet[Any]:
        """The records that have the fields of this owner."""
        return self.rows(name) if self.rows is not None else self.model._default_manager.all()


_known: dict[str, Owner] = {}


def register(prefix: str, owner: Owner) -> None:
    """`prefix`: the owner itself (incident), or what stands before its colon (ci of ci:server)."""
    _known[prefix] = owner


def owner_of(name: str) -> Owner:
    """Raises InvalidInput for a type of record that has no fields."""
    found = _known.get(name.partition(":")[0])
    if found is None or (found.names is not None and name not in found.names()):
        words = _("There are no fields of this owner; known are %(known)s.") % {"known": ", ".join(_known)}
        raise InvalidInput.about("owner", words)
    return found


def first() -> str:
    """The type of record that a page or a body means where it names none: the first that registered as a whole."""
    return next((prefix for prefix, one in _known.items() if one.names is None), "")


def known() -> dict[str, Owner]:
    """Every owner by its whole name."""
    return {name: one for prefix, one in _known.items() for name in (one.names() if one.names else [prefix])}
