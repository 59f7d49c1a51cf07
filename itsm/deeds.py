"""Several operations on one record as one deed: one entry of its history, one piece of news, one version, one message.

`itsm.lifecycle.as_one` opens a deed; what the operations inside would note and tell is kept here until its end.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(slots=True)
class Happened:
    """What one operation would have noted. `step`: the row of the workflow, where it took one."""

    event: str
    changes: Mapping[str, Any]
    remark: str
    step: Any = None


@dataclass(slots=True)
class Message:
    """What one operation would have told a person, with whatever else `notify` takes."""

    person: Any
    subject: Any
    bodies: list[Any]
    options: dict[str, Any]


@dataclass(slots=True)
class Deed:
    """What is kept of one record and one actor until all of it is done.

    `version`: as it was before. `record`: as it was locked at the beginning, and at the end as it was left.
    """

    record_kind: str
    record_id: int
    actor: Any
    version: int
    record: Any = None
    happened: list[Happened] = field(default_factory=list)
    messages: dict[int, Message] = field(default_factory=dict)

    def is_about(self, record: Any) -> bool:
        return (getattr(record, "kind", ""), getattr(record, "pk", None)) == (self.record_kind, self.record_id)

    def keep_message(self, people: Mapping[int, Any], subject: Any, body: Any, options: dict[str, Any]) -> None:
        """One message a person: the last subject, what each had to say, and the way of the one that leaves first."""
        for pk, person in people.items():
            before = self.messages.pop(pk, None)
            bodies = [*(before.bodies if before else ()), *([body] if body else ())]
            kept = options if before is None else _both(pk, before.options, options)
            self.messages[pk] = Message(person, subject, bodies, kept)

    def as_one(self) -> Happened | None:
        """The deed under the name of what weighs most: a step, then words, then the rest; None where nothing was done.

        A field that was changed twice says its first and its last value; one that is as it was says nothing.
        """
        changes = merged([one.changes for one in self.happened])
        if not self.happened or not (changes or any(one.step for one in self.happened)):
            return None
        named = max(self.happened, key=lambda one: (one.step is not None, one.event.endswith(".noted")))
        remarks = dict.fromkeys(one.remark for one in self.happened if one.remark)
        return Happened(named.event, changes, "\n\n".join(remarks), named.step)


_FOR_READERS = frozenset({"assignee", "team", "lead"})  # what they are told may be private


def _both(person: int, before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """What `notify` takes of the later one, with somebody's words of either; see `_sooner` for how it leaves."""
    return {**_sooner(person, before, now), "note": now.get("note") or before.get("note")}


def _sooner(person: int, before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """What `notify` takes of the later one, with the way of whichever leaves first: at once, soon, or collected.

    It is told as whom the more private of the two was meant for: both stand in it.
    """
    ways = [(options.get("how") or {}).get(person) for options in (before, now)]
    known = [way for way in ways if way is not None]
    if not known:
        return now
    told_as = next((way for way in known if way.relation in _FOR_READERS), known[-1])
    over = _over(*known) if len(known) == len(ways) else type(known[0])().over  # without a way: mailed at once
    return {**now, "how": {**(now.get("how") or {}), person: replace(told_as, over=over)}}


def _over(one: Any, other: Any) -> dict[str, Any]:
    """Over each channel of either the way of whichever leaves first."""
    there = [channel for way in (one, other) for channel in way.over]
    return {
        channel: min((way.over[channel] for way in (one, other) if channel in way.over), key=_leaves)
        for channel in dict.fromkeys(there)
    }


def _leaves(leaving: Any) -> tuple[int, Any]:
    """At once, then by its instant, then what is collected."""
    if leaving.is_collected:
        return 2, leaving.at
    return (0, 0) if leaving.at is None else (1, leaving.at)


def merged(parts: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Changes one after another as one: [first before, last after]; what was added twice is a list of both."""
    found: dict[str, Any] = {}
    for part in parts:
        for name, (before, after) in part.items():
            if name not in found:
                found[name] = [before, after]
            elif before is None and found[name][0] is None:
                there = found[name][1]
                found[name] = [None, [*(there if isinstance(there, list) else [there]), after]]
            else:
                found[name] = [found[name][0], after]
    return {name: pair for name, pair in found.items() if pair[0] != pair[1]}


_open: ContextVar[Deed | None] = ContextVar("the deed under way", default=None)


def under_way(record: Any) -> Deed | None:
    """The deed that is being done to this record, or None."""
    deed = _open.get()
    return deed if deed is not None and deed.is_about(record) else None


@contextmanager
def begun(deed: Deed) -> Iterator[Deed]:
    """Keep what happens inside in `deed`. One begun inside of another takes its place until it ends."""
    token = _open.set(deed)
    try:
        yield deed
    finally:
        _open.reset(token)
