"""What a file says once its format is forgotten: documents, what they claim of each other, and what was refused.

Nothing here knows the database, decides which item a document is or which value holds: that is identification and
reconciliation. A value is never guessed: what a file does not say is absent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

Value = str | int | bool | list[str]
Direction = Literal["out", "in"]
# A service that an import makes and of which the file says nothing else: nobody outside sees it, nothing waits for it.
NEW_SERVICE: Mapping[str, str | int] = {"tier": 3, "audience": "staff"}


@dataclass(frozen=True, slots=True)
class File:
    """`name` as people know it: only shown. `content`: the bytes as they came."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Claimed:
    """One relation that a document claims.

    `direction`: "out", this document is the source of the relation of this `type`; "in", the target is. `target`: by
    default the key of another document of the same source; else `by` names the identifier's scheme that it is a value
    of ("slug", "fqdn", "name", "reference"). An unknown target waits.
    """

    type: str
    direction: Direction
    target: str
    by: str = "key"


@dataclass(frozen=True, slots=True)
class Redundancy:
    """Of what reaches this document by relations of this `type`, `share` per cent are enough (1 to 100)."""

    type: str
    share: int


@dataclass(frozen=True, slots=True)
class Measured:
    """A point of capacity at the document's `observed_at`: `slug` within its item, which people read as `name`, `value`
    of at most `limit`."""

    slug: str
    name: str
    unit: str
    value: Decimal
    limit: Decimal


@dataclass(frozen=True, slots=True)
class Document:
    """One configuration item as one file has it. None and an absent key: the file does not say.

    `key`: its name within the source, the same at every import. `class_slug`: a class of the catalog. `identifiers`:
    scheme -> value as written (normalising is identification's): slug, serial, vendor, uuid, asset_tag, provider_id,
    fqdn, name, system, cluster, kind, namespace. `attributes`: keys of `vocabulary.KEYS`, plain JSON; decimals are
    texts. `cleared`: keys whose value the file takes away. `status`: a state of the life cycle. `owner`: the slug of a
    team, or its name where the file has no slugs. `place`: where it stands in the file, for people ("line 12").
    """

    key: str
    class_slug: str
    name: str
    identifiers: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, Value] = field(default_factory=dict)
    relations: Sequence[Claimed] = ()
    observed_at: datetime | None = None
    status: str | None = None
    owner: str | None = None
    environment: str | None = None
    description: str | None = None
    redundancy: Sequence[Redundancy] = ()
    measures: Sequence[Measured] = ()
    cleared: frozenset[str] = frozenset()
    place: str = ""


@dataclass(frozen=True, slots=True)
class Team:
    """`parent`, `children`: keys of teams; `members`: keys of people. `slug`: as teams have them here."""

    key: str
    slug: str
    name: str
    parent: str | None = None
    children: Sequence[str] = ()
    members: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is only named: made inactive, without a role, unable to sign in. `teams`: keys."""

    key: str
    login: str
    name: str
    email: str | None = None
    teams: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """`document`: the name by which its author knows it; `reason`: a sentence that says what to do about it."""

    document: str
    reason: str


@dataclass(frozen=True, slots=True)
class Noted:
    """Taken, and yet somebody should look: `kind` groups it ("owner-is-person", "deprecated")."""

    document: str
    kind: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Read:
    """All that the files say. `broken`: a file could not be read to its end, so that nothing may be applied.

    `count`: documents in the files, those refused and those folded into others among them.
    """

    documents: Sequence[Document] = ()
    refused: Sequence[Refused] = ()
    teams: Sequence[Team] = ()
    people: Sequence[Person] = ()
    noted: Sequence[Noted] = ()
    count: int = 0
    broken: bool = False

    @property
    def relations(self) -> int:
        """How many relations between items are claimed, each once however many documents claim it."""
        return len(set(_arrows(self.documents)))


def _arrows(documents: Iterable[Document]) -> Iterable[tuple[str, str, str]]:
    for document in documents:
        for claimed in document.relations:
            there = claimed.target if claimed.by == "key" else f"{claimed.by}={claimed.target}"
            ends = (document.key, there) if claimed.direction == "out" else (there, document.key)
            yield (claimed.type, *ends)
