"""Nobody sees what is not theirs: I12. Strangers ask for what is confidential, by the very questions of lists."""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from itsm.invariants.known import Found, Invariant, Question
from itsm.kernel.actors import Actor, Door, Kind, Role
from itsm.work import linkable

CANARIES = 50
# Ten who belong to no team and were granted nothing: one of each role, one of several, and programs.
_NOBODY = 2**62
_STRANGERS = (
    *((Kind.HUMAN, frozenset({role})) for role in Role if role is not Role.ADMIN),
    (Kind.HUMAN, frozenset({Role.AGENT, Role.ENGINEER, Role.MANAGER})),
    (Kind.SERVICE, frozenset({Role.ENGINEER})),
    (Kind.HUMAN, frozenset({Role.ADMIN})),
)
Ids = Callable[[], Collection[int]]
_canaries: dict[str, Ids] = {}


def canaries(kind: str, ids: Ids) -> None:
    """`ids()`: of records of that (linkable) kind that lie where nobody sees them but those who belong there."""
    _canaries[kind] = ids


def strangers() -> list[Actor]:
    """People and programs that there are not."""
    return [
        Actor(id=_NOBODY + number, name=f"stranger {number}", kind=kind, roles=roles, via=Door.COMMAND)
        for number, (kind, roles) in enumerate(_STRANGERS)
    ]


def seen_by_strangers(at: datetime) -> Iterator[Found]:
    """Confidential records that the lists show to somebody who belongs nowhere."""
    for kind, ids in sorted(_canaries.items()):
        wanted = list(ids())[:CANARIES]
        for who in strangers() if wanted else ():
            for record in linkable.among(who, kind, wanted).values():
                yield Found(kind, record.reference, ", ".join(sorted(who.roles)) or who.kind)


SCOPE = Invariant(
    "I12",
    _("Nobody sees what lies in a queue that is not theirs"),
    _("Ten strangers ask for the fifty newest confidential records, as lists do. One that they see, everybody sees."),
    (
        Question(
            "strangers",
            _("%(reference)s is confidential and seen by a stranger (%(detail)s)."),
            seen_by_strangers,
            heavy=True,
        ),
    ),
)
