"""Which kinds of record rules place, and how each is narrowed: filled by the apps above in `AppConfig.ready()`."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from itsm.work.grammar import OfferedTerm, Term

RULES = Actor.system("assignment rules")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record. Records have `team_id`, `assigned_to_id` and `reference`.

    `terms_of` reads a query's names and values; `narrowed(rows, terms, actor)` is the list's own filter, for a person
    or for `RULES`; `label(field)` is the name of a term in words; `offered(actor)` lists the terms for who writes a
    rule. `blank_team(record)`: nobody chose its queue. `open_work(people)` counts open records by the id of who has
    them. `recent(actor)`: what a dry run looks at, among what the actor may see. `opened(values, actor)` opens one from
    typed values, for a rehearsal.
    """

    model: type[Model]
    terms_of: Callable[[Iterable[tuple[str, str]]], tuple[Term, ...]]
    narrowed: Callable[[QuerySet[Any], Iterable[Term], Actor], QuerySet[Any]]
    label: Callable[[str], str]
    blank_team: Callable[[Any], bool]
    is_open: Callable[[Any], bool]
    open_work: Callable[[Collection[int]], Mapping[int, int]]
    recent: Callable[[Actor], QuerySet[Any]]
    opened: Callable[[Mapping[str, Any], Actor], Any]
    offered: Callable[[Actor], list[OfferedTerm]]


_kinds: dict[str, Kind] = {}


def register(record_kind: str, kind: Kind) -> None:
    """Let rules place this kind of record."""
    _kinds[record_kind] = kind


def known() -> list[str]:
    return sorted(_kinds)


def kind_of(record_kind: str) -> Kind:
    """How a kind is narrowed. Raises InvalidInput for one that no rules place."""
    if record_kind not in _kinds:
        sentence = _("No rules place that. Known are %(known)s.") % {"known": ", ".join(known())}
        raise InvalidInput.about("record_kind", sentence)
    return _kinds[record_kind]
