"""The one way a record begins, moves and is edited.

Every write locks the row, checks, changes, saves, notes history and announces it, in one
transaction. News goes up by the one signal `record_changed`; receivers write rows and call no network.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.dispatch import Signal
from django.utils.translation import gettext

from itsm import deeds, rows
from itsm.audit.recording import record_event, together
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotFound, StaleVersion, VersionRequired
from itsm.kernel.texts import is_blank
from itsm.kernel.workflow import Step
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import Joined

RecordT = TypeVar("RecordT", bound=models.Model)


@dataclass(frozen=True, slots=True)
class RecordEvent:
    """What happened to a record. `event` is `kind.past_tense`; changes hold [before, after].

    `at` is the instant that the writer acts at, where it says one.
    """

    record: Any
    event: str
    actor: Actor
    changes: Mapping[str, Any] = field(default_factory=dict)
    step: Step | None = None
    at: datetime | None = None


ActsOn = Callable[[Sequence[RecordEvent]], Collection[RecordEvent]]


class Moved(Signal):
    """The one domain signal: sender is the model, `news` a News. Sent inside the transaction."""

    def __init__(self) -> None:
        super().__init__()
        self._asking = Signal()  # beside each receiver stands who says what it acts on

    def connect(
        self,
        receiver: Any,
        sender: Any = None,
        weak: bool = True,
        dispatch_uid: Any = None,
        *,
        acts_on: ActsOn | None = None,
    ) -> None:
        """`acts_on` returns, of many news, those that the receiver would do anything about; without it, each one."""
        super().connect(receiver, sender, weak, dispatch_uid)

        def asked(sender: Any, news: Sequence[RecordEvent], **_: Any) -> Collection[RecordEvent]:
            return acts_on(news) if acts_on is not None else news

        self._asking.connect(asked, sender, weak=False, dispatch_uid=dispatch_uid or receiver)

    def disconnect(self, receiver: Any = None, sender: Any = None, dispatch_uid: Any = None) -> bool:
        self._asking.disconnect(sender=sender, dispatch_uid=dispatch_uid or receiver)
        return super().disconnect(receiver, sender, dispatch_uid)

    def acted_on(self, news: Sequence[RecordEvent]) -> list[RecordEvent]:
        """Those (all of one model) that some receiver would do something about, in their order."""
        answers: Any = self._asking.send(type(news[0].record), news=news) if news else []
        caught = {id(one) for _asked, named in answers for one in named}
        return [one for one in news if id(one) in caught]


record_changed = Moved()


def announce(
    record: Any,
    event: str,
    *,
    actor: Actor,
    changes: Mapping[str, Any] | None = None,
    remark: str = "",
    at: datetime | None = None,
) -> None:
    """Note an event that is no step and no edit (a comment, a budget whose state changed) and tell who listens."""
    _noted(RecordEvent(record, f"{record.kind}.{event}", actor, changes or {}, at=at), remark)


def announce_in_bulk(news: Sequence[RecordEvent]) -> list[RecordEvent]:
    """Note together, in the caller's transaction, what no receiver acts on. Returns the rest, not noted yet.

    The caller holds the records, so that nobody begins to act on them meanwhile; the rest are for `announce`, one by
    one.
    """
    rest = record_changed.acted_on(news)
    known = {id(one) for one in rest}
    with together():
        for one in news:
            if id(one) not in known:
                record_event(one.event, one.record, actor=one.actor, changes=one.changes)
    return rest


def created(
    record: RecordT, *, actor: Actor, changes: Mapping[str, Any] | None = None, at: datetime | None = None
) -> RecordT:
    """Note the birth of a record that was just inserted, in the caller's transaction.

    InvalidInput where a text that it needs cannot be read by anybody.
    """
    require_readable(record)
    announce(record, "created", actor=actor, changes=changes, at=at)
    return record


def locked(record: RecordT, *, going: bool = False, related: tuple[str, ...] = ()) -> RecordT:
    """The row as it stands now, locked until the transaction ends, with what these foreign keys lead to.

    Rows that point to it may be added meanwhile, and wait for nobody, unless it is `going`: to be deleted. Raises
    NotFound where somebody deleted it since it was read.
    """
    if going:
        found = type(record)._default_manager.select_for_update(of=("self",), no_key=False).filter(pk=record.pk).first()
    else:
        found = rows.held(type(record), related, record.pk)
    if found is None:
        raise NotFound(gettext("It is not there any more: somebody took it away meanwhile."))
    return found


@contextmanager
def step(
    record: RecordT,
    action: str,
    *,
    actor: Actor,
    version: int | None = None,
    remark: str = "",
    locked_by_caller: bool = False,
    born: Mapping[str, Any] | None = None,
) -> Iterator[RecordT]:
    """Yield the locked record; the caller fills in what the step needs; then it moves.

    `locked_by_caller`: the caller's transaction has locked (or just inserted) the row, and `record` is as it stands
    now. One that is not stored yet is stored as the step leaves it, and its history begins with its birth: `born` are
    the changes that are noted of it.
    Raises NotPermitted, WrongState, StaleVersion (only where a version is given), MissingInformation.
    """
    with nullcontext() if locked_by_caller else transaction.atomic():
        current: Any = record if locked_by_caller else locked(record)
        before = _picture(current)
        taken = current.workflow.begin(action, actor, current)
        check_version(current, version, required=False)
        yield current
        current.workflow.finish(taken, current)
        current.status = taken.leads_to(current.status)
        changes = _save(current, before)
        if born is not None:
            created(current, actor=actor, changes=born)
        _noted(RecordEvent(current, f"{current.kind}.{taken.done}", actor, changes, taken), remark)


@contextmanager
def edit(
    record: RecordT,
    *,
    actor: Actor,
    version: int | None,
    event: str = "edited",
    version_required: bool = True,
    going: bool = False,
) -> Iterator[RecordT]:
    """Yield the locked record for plain field edits; old and new values are noted.

    `version` is what the editor read (ETag / If-Match): absent 428, stale 412. Nothing changed,
    nothing noted. `going`: the caller deletes the record, or changes what others point to it by.
    """
    with transaction.atomic():
        current: Any = locked(record, going=going)
        check_version(current, version, required=version_required)
        before = _picture(current)
        yield current
        changes = _save(current, before)
        if changes:
            _noted(RecordEvent(current, f"{current.kind}.{event}", actor, changes))


@contextmanager
def as_one(record: RecordT, *, actor: Actor, because: str = "") -> Iterator[deeds.Deed]:
    """What the operations inside do to this record is one deed: all of it or nothing, noted and told at the end, once.

    History gets one entry, named by the step that was taken, else by the words, else `edited`; the version rises by one
    at most; each person hears of it once. `because` is noted with it, such as the name of a macro. What others do
    meanwhile in it (the system, to other records) is noted as always.
    """
    with transaction.atomic():
        current: Any = locked(record)
        with deeds.begun(deeds.Deed(current.kind, current.pk, actor, current.version, current)) as deed:
            yield deed
        done = deed.as_one()
        if done is not None:
            changes = {**done.changes, **({"because": [None, because]} if because else {})}
            deed.record = now = locked(record)
            record_event(done.event, now, actor=actor, changes=changes, remark=done.remark)
            _tell(RecordEvent(now, done.event, actor, changes, done.step))
        for one in deed.messages.values():
            notify([one.person], one.subject, body=Joined(one.bodies), **one.options)


def _noted(news: RecordEvent, remark: str = "") -> None:
    """Write the entry and tell who listens; within a deed both wait for its end."""
    deed = deeds.under_way(news.record)
    if deed is not None and deed.actor == news.actor:
        deed.happened.append(deeds.Happened(news.event, news.changes, remark, news.step))
        return
    record_event(news.event, news.record, actor=news.actor, changes=news.changes, remark=remark)
    _tell(news)


def check_version(record: Any, version: int | None, *, required: bool) -> None:
    """Raise StaleVersion where the (locked) record is not as it was read, VersionRequired where that is not said."""
    if version is None:
        if required:
            raise VersionRequired(
                gettext("Send If-Match with the version of %(record_reference)s that you read.")
                % {"record_reference": record.reference}
            )
        return
    if version != record.version:
        raise StaleVersion(
            gettext("%(record_reference)s is at version %(version)s; you read version %(version_2)s.")
            % {"record_reference": record.reference, "version": record.version, "version_2": version},
            version=record.version,
        )


def _picture(record: models.Model) -> dict[str, Any]:
    return {f.attname: getattr(record, f.attname) for f in record._meta.concrete_fields}


def _save(record: Any, before: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Save what changed, or all of what is new, one version higher. Returns field -> [before, after]."""
    changes = {
        name: [old, getattr(record, name)]
        for name, old in before.items()
        if name != "version" and getattr(record, name) != old
    }
    if changes:
        deed = deeds.under_way(record)
        record.version = (before["version"] if deed is None else deed.version) + 1
        names = [_field_name(record, name) for name in changes]
        if not record._state.adding:
            require_readable(record, names)
        try:
            # What was not touched was checked when it was: a look-up per foreign key is saved.
            record.clean_fields(exclude={field.name for field in record._meta.fields} - {*names})
        except ValidationError as error:
            raise InvalidInput(gettext("The record cannot be saved like this."), errors=error.message_dict) from error
        if record._state.adding:
            rows.insert(record)
        else:
            rows.update(record, [*names, "version"])
    return changes


@cache
def _needed_texts(model: type[models.Model]) -> frozenset[str]:
    """The fields of words for people that may not be empty."""
    return frozenset(
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField) and not (field.blank or field.choices)
    )


def require_readable(record: models.Model, among: Collection[str] | None = None) -> None:
    """Empty is what a reader cannot see: zero-width characters are no title and no reason.

    `among`: of these fields alone. InvalidInput with a sentence for each that nobody can read.
    """
    needed = _needed_texts(record.__class__)
    texts = {name: getattr(record, name) for name in (needed if among is None else needed.intersection(among))}
    if blank := sorted(name for name, text in texts.items() if isinstance(text, str) and is_blank(text)):
        said = {name: [gettext("Nothing in it can be read.")] for name in blank}
        raise InvalidInput(gettext("A text that is needed is empty."), errors=said)


def _field_name(record: models.Model, attname: str) -> str:
    return next(f.name for f in record._meta.concrete_fields if f.attname == attname)


def _tell(news: RecordEvent) -> None:
    record_changed.send(type(news.record), news=news)
