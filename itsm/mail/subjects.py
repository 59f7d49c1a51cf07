"""What a mail about a record is called, and which team it comes from. Apps register in `AppConfig.ready()`."""

from collections.abc import Callable, Collection
from typing import NamedTuple

from itsm.kernel.references import reference
from itsm.notifications.models import Notification
from itsm.work import linkable


class About(NamedTuple):
    """A record as its mails name it: "INC-42", its title, and the team that answers on it; None for no one team."""

    reference: str
    title: str
    team_id: int | None


Find = Callable[[int], About | None]
_known: dict[str, Find] = {}
_spoken: set[str] = set()


def register(kind: str, find: Find, *, spoken: Collection[str] = ()) -> None:
    """`find(record_id)` of a kind of record. `spoken`: its events whose mail may carry what a person said in public."""
    _known[kind] = find
    _spoken.update(spoken)


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


def may_be_spoken(told: Notification) -> bool:
    """Whether the words of a person may stand in it, such as an answer of the desk to the caller."""
    return told.event in _spoken


def tagged(subject: str, reference: str) -> str:
    """A subject with the record's reference in brackets, by which answers of other programs find back."""
    tag, plain = f"[{reference}]", " ".join(subject.split())
    if tag in plain:
        return plain
    return plain.replace(reference, tag, 1) if reference in plain else f"{tag} {plain}"
