"""What a mail about a record is called, and which team it comes from. Apps register in `AppConfig.ready()`."""

from collections.abc import Callable
from typing import NamedTuple

from itsm.kernel.references import reference
from itsm.work import linkable


class About(NamedTuple):
    """A record as its mails name it: "INC-42", its title, and the team that answers on it; None for no one team."""

    reference: str
    title: str
    team_id: int | None


Find = Callable[[int], About | None]
_known: dict[str, Find] = {}


def register(kind: str, find: Find) -> None:
    """`find(record_id)` of a kind of record."""
    _known[kind] = find


def about(kind: str, record_id: int | None) -> About | None:
    """None for what is gone, and for a kind without references; what has them and no `find` is of no team."""
    if record_id is None:
        return None
    if kind in _known:
        return _known[kind](record_id)
    try:
        return About(reference(linkable.prefix_of(kind), record_id), "", None)
    except KeyError:
        return None


def tagged(subject: str, reference: str) -> str:
    """A subject with the record's reference in brackets, by which answers of other programs find back."""
    tag, plain = f"[{reference}]", " ".join(subject.split())
    if tag in plain:
        return plain
    return plain.replace(reference, tag, 1) if reference in plain else f"{tag} {plain}"
