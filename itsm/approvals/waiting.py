"""What waits for one person's word, across all kinds of records, the most pressing first; and how a kind is answered.

Apps above say in `AppConfig.ready()` what people read of their records (`shows`). Kinds that are decided by plans need
no more than that and a function; a kind with a form of its own brings the form too (`Pages`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from django.http import HttpRequest
from django.utils.translation import gettext

from itsm.approvals.models import ApprovalDecision, ApprovalRequest
from itsm.approvals.queries import unanswered_first
from itsm.forms import Form
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.search.models import Document

MOST = 50
_MESSAGES = Actor.system("messages")


@dataclass(frozen=True, slots=True)
class Told:
    """What a list says of a record that waits. `reason`: why people decide; `record`: for the kind's own template."""

    reference: str
    title: str
    path: str
    reason: str = ""
    record: Any = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """An ask with what is told of its record. `said`: what this person last said about it; `is_overdue`: its time is
    over, and nothing was approved by that.
    """

    ask: ApprovalRequest
    told: Told
    said: ApprovalDecision | None
    is_overdue: bool

    @property
    def reference(self) -> str:
        return self.told.reference


class Sent(NamedTuple):
    """What became of a word that was sent: `status` of the page that shows its form again, None where it counts."""

    form: Form
    status: int | None


class Answers(Protocol):
    """Records one word about the record of an ask ("approve", "decline"), with all that follows from it."""

    def __call__(
        self, ask: ApprovalRequest, *, actor: Actor, decision: str, comment: str, content_hash: str, at: datetime
    ) -> Any: ...


@dataclass(frozen=True, slots=True)
class Pages:
    """A form of a kind's own: templates of what is read, of the word and of what stands beside, and how it is taken.

    `see(item, actor, sent)` gives `form standing why_not has_answered` and what the templates need besides.
    """

    read: str
    word: str
    see: Callable[[Waiting, Actor, Form | None], dict[str, Any]]
    take: Callable[[HttpRequest, ApprovalRequest, Actor], Sent]
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """`tell(asks, actor)`: by the ask's number what this person may read of its record, nothing of what they may not.

    `answer` takes a word over REST and from the common form; a kind without it is answered at its own address.
    `facts(item, actor)`: what is read before deciding, pairs of label and text; of one at a time.
    """

    title: Any
    tell: Callable[[Sequence[ApprovalRequest], Actor], Mapping[int, Told]]
    answer: Answers | None = None
    facts: Callable[[Waiting, Actor], Sequence[tuple[Any, str]]] | None = None
    pages: Pages | None = None


_kinds: dict[str, Kind] = {}


def shows(record_kind: str, kind: Kind) -> None:
    """Say what people read of records of this kind that wait for them. Once per kind, in `AppConfig.ready()`."""
    _kinds[record_kind] = kind


def kind_of(ask: ApprovalRequest) -> Kind:
    """Its kind, or NotFound: nobody says what people would read of it."""
    if ask.record_kind not in _kinds:
        raise not_asked()
    return _kinds[ask.record_kind]


def kinds() -> Mapping[str, Kind]:
    """By the kind of record."""
    return _kinds


def waiting(actor: Actor, at: datetime, *, kind: str = "", most: int = MOST) -> list[Waiting]:
    """The first of what waits for this person, what they have not answered in front. Two queries and those of kinds."""
    return told(asked_first(actor, kind=kind, most=most), actor, at)


def asked_first(actor: Actor, *, kind: str = "", most: int = MOST) -> list[ApprovalRequest]:
    """The asks that `waiting` tells of, also those of whose records this person may read nothing. Two queries."""
    asks = unanswered_first(actor).filter(record_kind__in=[kind] if kind else list(_kinds))
    return list(asks.prefetch_related("answers__by", "answers__in_place_of")[:most])


def told(asks: Sequence[ApprovalRequest], actor: Actor, at: datetime) -> list[Waiting]:
    """These asks with what is told of their records, without those of which this person may read nothing."""
    known: dict[int, Told] = {}
    for name, kind in _kinds.items():
        those = [ask for ask in asks if ask.record_kind == name]
        if those:
            known.update(kind.tell(those, actor))
    return [
        Waiting(ask, known[ask.pk], _said(ask, actor), ask.due_at is not None and ask.due_at <= at)
        for ask in asks
        if ask.pk in known
    ]


def named(ask: ApprovalRequest) -> Told:
    """What a message says of the record: for people who are asked about it, whoever they are."""
    known = _kinds[ask.record_kind].tell([ask], _MESSAGES) if ask.record_kind in _kinds else {}
    found = Document.objects.filter(record_kind=ask.record_kind, record_id=ask.record_id).first()
    if ask.pk in known:
        return known[ask.pk]
    return Told(found.reference, found.title, found.path) if found else Told(ask.reference, ask.authority, "")


def ask_told(actor: Actor, number: int, at: datetime) -> Waiting:
    """The ask with this number, open or not, whoever is asked; NotFound where this person may read nothing of it."""
    asks = ApprovalRequest.objects.filter(pk=number).prefetch_related("answers__by", "answers__in_place_of")
    found = told(list(asks), actor, at)
    if not found:
        raise not_asked()
    return found[0]


def not_asked() -> NotFound:
    """The refusal of a number under which nobody is asked, as far as this person may know."""
    return NotFound(gettext("Nobody is asked under this number."))


def _said(ask: ApprovalRequest, actor: Actor) -> ApprovalDecision | None:
    mine = [answer for answer in ask.answers.all() if answer.by_id == actor.whose_work]
    return max(mine, key=lambda answer: answer.pk, default=None)
