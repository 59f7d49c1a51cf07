"""What can be linked: apps register their records in `AppConfig.ready()`; links go anywhere, imports down."""

from collections.abc import Callable, Collection
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext

from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from itsm.kernel.references import number_in

Visible = Callable[[Actor], "QuerySet[Any]"]
Discreet = Callable[[Any], bool]


class Linkable(NamedTuple):
    """`visible(actor)`: the records that the actor may see; `discreet(record)`: histories of others do not name it.

    `is_thing`: what records affect, not work that is done: a configuration item.
    """

    prefix: str
    visible: Visible
    discreet: Discreet
    is_thing: bool = False


_known: dict[str, Linkable] = {}


def register(
    kind: str, prefix: str, visible: Visible, discreet: Discreet = lambda record: False, *, is_thing: bool = False
) -> None:
    """Records of a kind, by the prefix of their references ("CHG")."""
    _known[kind] = Linkable(prefix, visible, discreet, is_thing)


def is_thing(record: Any) -> bool:
    """Whether it can be affected by others, as something that fails."""
    return record.kind in _known and _known[record.kind].is_thing


def prefix_of(kind: str) -> str:
    """How references of this kind begin, such as INC. KeyError for a kind that cannot be linked."""
    return _known[kind].prefix


def seen_among(actor: Actor, kind: str, ids: Collection[int]) -> dict[int, Any]:
    """Those of these records of one kind that the actor may see, by id; none of a kind that cannot be linked."""
    if kind not in _known or not ids:
        return {}
    return {record.pk: record for record in _known[kind].visible(actor).filter(pk__in=ids)}


def called(actor: Actor, text: str) -> Any:
    """The record of this reference, among those that the actor may see; None for none."""
    for kind in _known.values():
        number = number_in(text.strip(), kind.prefix)
        if number is not None and (found := kind.visible(actor).filter(pk=number).first()) is not None:
            return found
    return None


def named(actor: Actor, text: str, field: str) -> Any:
    """The record of this reference, among those that the actor may see. Raises InvalidInput for `field`."""
    found = called(actor, text)
    if found is None:
        words = gettext("There is no record %(text)s, or you may not see it.") % {"text": text.strip()[:20]}
        raise InvalidInput.about(field, words)
    return found


def among(actor: Actor, kind: str, ids: Collection[int]) -> dict[int, Any]:
    """Those of these records that the actor may see, by id; none of a kind that nobody registered."""
    known = _known.get(kind)
    return known.visible(actor).in_bulk(list(ids)) if known is not None and ids else {}


def is_discreet(record: Any) -> bool:
    """Whether histories of other records leave its name out."""
    known = _known.get(record.kind)
    return known is None or known.discreet(record)
