"""What is true of an item, given all that sources claim of it: a function of the claims, whatever order they came in.

Of several claims on one key holds the one of the lowest rank, then of the newest observation, then by the names of
source and record. When it looked only a document itself can say. Of two that do not, the order in which files came
proves nothing: between sources their names decide, within one source what came last. A record that is gone, or of a
source silent for too long, yields: its claims hold only where nobody else says anything, so that an item that no source
has any more keeps what was last known.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from catalog.engine.identify import RecordKey
from catalog.engine.precedence import PEOPLE, Precedence, Rank

CLASS = "class"  # the key under which the class of an item has its precedence


class Speaker(NamedTuple):
    """A record that claims something. `class_slug` None: it says nothing of the class. All times carry a zone.

    `observed_at`: when its source looked; `seen_at`: when it last came with a run; `gone`: a complete run had it not.
    `dated`: it says itself when it looked; else `observed_at` is when it came.
    """

    at: RecordKey
    class_slug: str | None
    observed_at: datetime
    seen_at: datetime
    gone: bool = False
    dated: bool = True


class Claim(NamedTuple):
    """What a record says of one key. `value`: JSON, never None: who says nothing claims nothing. `dated`: as above."""

    record: RecordKey
    key: str
    value: object
    observed_at: datetime
    dated: bool = True


class Lost(StrEnum):
    """By what a claim is behind the one that holds."""

    GONE = "gone"  # its source has the record no more
    SILENT = "silent"  # its source has been silent for too long
    RANK = "rank"  # another is believed sooner
    UNDATED = "undated"  # another says when it looked
    OLDER = "older"  # another looked later
    NAME = "name"  # nothing tells them apart but the names of source and record


class Contender(NamedTuple):
    """A claim with what speaks for it. `lost` None: it holds. `agrees`: it says what holds."""

    claim: Claim
    rank: Rank
    lost: Lost | None
    agrees: bool


class Held(NamedTuple):
    """The value of a key, and why: every claim on it, strongest first, so that the first is the one that holds."""

    value: object
    why: tuple[Contender, ...]

    @property
    def pinned(self) -> bool:
        """Whether people wrote it by hand."""
        return self.why[0].claim.record.source == PEOPLE


class Conflict(NamedTuple):
    """A living record says otherwise than what holds of a key."""

    key: str
    record: RecordKey
    value: object
    holds: object


class OtherBranch(NamedTuple):
    """A record takes the item for something that its class is neither kind nor parent of."""

    record: RecordKey
    class_slug: str


@dataclass(frozen=True, slots=True)
class Reconciled:
    """`class_slug` None: nobody says one. `values` by key; `conflicts` and `branches` by record."""

    class_slug: str | None
    values: Mapping[str, Held]
    conflicts: Sequence[Conflict]
    branches: Sequence[OtherBranch]


def reconcile(
    speakers: Collection[Speaker],
    claims: Iterable[Claim],
    precedence: Precedence,
    lineages: Mapping[str, Sequence[str]],
    at: datetime,
) -> Reconciled:
    """What holds of one item at an instant. `lineages`: class -> its ancestors from the root on, itself last.

    Of two claims of one record on one key the later observation counts. KeyError for a claim of an unknown record or
    source.
    """
    speaking = {speaker.at: speaker for speaker in speakers}
    class_slug, branches = _class_of(speakers, precedence, lineages, at)
    lineage = lineages.get(class_slug, (class_slug,)) if class_slug else ()
    newest: dict[tuple[RecordKey, str], Claim] = {}
    for claim in claims:
        known = newest.get((claim.record, claim.key))
        if known is None or _age(claim) > _age(known):
            newest[claim.record, claim.key] = claim
    by_key: dict[str, list[_Weighed]] = defaultdict(list)
    for claim in newest.values():
        rank = precedence.rank(claim.record.source, lineage, claim.key)
        by_key[claim.key].append(_Weighed(claim, rank, _yields(speaking[claim.record], precedence, at)))
    values = {key: _held(weighed) for key, weighed in sorted(by_key.items())}
    return Reconciled(class_slug, values, _conflicts(values), branches)


def content_hash(content: Mapping[str, object]) -> str:
    """One short text for the same content, in whatever order its keys stand. TypeError for what is not JSON."""
    return hashlib.sha256(_canonical(content).encode()).hexdigest()


def differences(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, tuple[object, object]]:
    """Key -> (before, after) of what is not the same; None stands for no value. 1, true and "1" are different."""
    keys = sorted(before.keys() | after.keys())
    pairs = {key: (before.get(key), after.get(key)) for key in keys}
    return {key: pair for key, pair in pairs.items() if _canonical(pair[0]) != _canonical(pair[1])}


_Looked = tuple[bool, float, str, float, str]


def _looked(at: RecordKey, observed_at: datetime, dated: bool) -> _Looked:
    """What comes first where ranks are equal: see the top of this file."""
    came = -observed_at.timestamp()
    return not dated, came if dated else 0.0, at.source, came, at.key


class _Weighed(NamedTuple):
    claim: Claim
    rank: Rank
    yields: Lost | None

    @property
    def order(self) -> tuple[bool, int, _Looked]:
        looked = _looked(self.claim.record, self.claim.observed_at, self.claim.dated)
        return self.yields is not None, self.rank.number, looked


def _held(weighed: Sequence[_Weighed]) -> Held:
    first, *rest = sorted(weighed, key=lambda one: one.order)
    holds = _canonical(first.claim.value)
    others = [Contender(one.claim, one.rank, _lost(one, first), _canonical(one.claim.value) == holds) for one in rest]
    return Held(first.claim.value, (Contender(first.claim, first.rank, None, agrees=True), *others))


def _lost(one: _Weighed, first: _Weighed) -> Lost:
    if one.yields is not None:
        return one.yields
    if one.rank.number != first.rank.number:
        return Lost.RANK
    if one.claim.dated != first.claim.dated:
        return Lost.UNDATED
    told_apart = one.claim.dated or one.claim.record.source == first.claim.record.source
    return Lost.OLDER if told_apart and one.claim.observed_at != first.claim.observed_at else Lost.NAME


def _conflicts(values: Mapping[str, Held]) -> list[Conflict]:
    """What is gone or silent contradicts nobody."""
    return [
        Conflict(key, one.claim.record, one.claim.value, held.value)
        for key, held in values.items()
        for one in held.why
        if not one.agrees and one.lost not in (Lost.GONE, Lost.SILENT)
    ]


def _class_of(
    speakers: Iterable[Speaker], precedence: Precedence, lineages: Mapping[str, Sequence[str]], at: datetime
) -> tuple[str | None, list[OtherBranch]]:
    """The strongest record's class, made more precise by weaker ones that name a kind of it."""

    def weighed(speaker: Speaker, class_slug: str) -> tuple[bool, int, _Looked, RecordKey]:
        rank = precedence.rank(speaker.at.source, lineages.get(class_slug, (class_slug,)), CLASS)
        yields = _yields(speaker, precedence, at)
        looked = _looked(speaker.at, speaker.observed_at, speaker.dated)
        return yields is not None, rank.number, looked, speaker.at

    claimed = sorted((weighed(one, one.class_slug), one.class_slug) for one in speakers if one.class_slug is not None)
    chosen: str | None = None
    branches: list[OtherBranch] = []
    for (yields, *_, record), class_slug in claimed:
        if chosen is None or chosen in lineages.get(class_slug, ()):
            chosen = class_slug
        elif class_slug not in lineages.get(chosen, (chosen,)) and not yields:
            branches.append(OtherBranch(record, class_slug))
    return chosen, sorted(branches)


def _yields(speaker: Speaker, precedence: Precedence, at: datetime) -> Lost | None:
    if speaker.gone:
        return Lost.GONE
    silent_after = precedence.sources[speaker.at.source].silent_after
    return Lost.SILENT if silent_after is not None and at - speaker.seen_at > silent_after else None


def _age(claim: Claim) -> tuple[datetime, str]:
    return claim.observed_at, _canonical(claim.value)


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
