"""A document as a run keeps it: judged, in plain JSON, so that applying it meets nothing unexpected."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext

from catalog.cmdb.vocabulary import Status
from catalog.engine.identifiers import normalised
from catalog.engine.reconcile import content_hash
from catalog.formats.documents import Claimed, Document
from catalog.reconciliation.queries.known import Known
from catalog.reconciliation.vocabulary import DESCRIPTION, ENVIRONMENT, NAME, STATUS, TEAM
from itsm.fields.values import judged
from itsm.kernel.actors import Actor
from itsm.kernel.texts import is_blank

LONGEST_NAME = 200
MOST_RELATIONS = 1_000
_AS_WRITTEN = frozenset({"key", "name", "reference", "slug"})
_NOT_CONTENT = ("observed_at", "measured", "hash")
# A service is begun with its own words; `staff` until somebody opens it.
_SLUG_OF_SERVICES = "slug"


@dataclass(frozen=True, slots=True)
class Staged:
    """What one document says. `hash`: of all of it but when it was observed, and what was measured then. Instants are
    ISO texts with a zone. `measured`: {slug, name, unit, value, limit} of each, numbers as texts."""

    key: str
    class_slug: str
    values: dict[str, str]
    claims: dict[str, Any]
    relations: list[dict[str, str]]
    observed_at: str | None
    slug: str = ""
    shares: dict[str, int] = field(default_factory=dict)
    measured: list[dict[str, str]] = field(default_factory=list)
    hash: str = ""

    @property
    def observed(self) -> datetime | None:
        """The instant at which the source looked; None where it does not say."""
        return parse_datetime(self.observed_at) if self.observed_at else None

    def as_json(self) -> dict[str, Any]:
        """As a run keeps it; `Staged(**json)` is the same again."""
        return {name: getattr(self, name) for name in self.__slots__}


class NotUsable(Exception):
    """Why a document is refused, as a sentence."""


def staged(document: Document, known: Known, actor: Actor) -> Staged:
    """The document with every value judged by the fields of its class. Raises NotUsable with what is wrong
    with it."""
    _require_class(document, known)
    claims = _claims(document, known, actor)
    # What tells things apart is the name too, and where they stand.
    said = {NAME: document.name, ENVIRONMENT: claims.get(ENVIRONMENT, ""), **document.identifiers}
    made = Staged(
        key=document.key[:500],
        class_slug=document.class_slug,
        values=known.identifiers.values(document.class_slug, said),
        claims=claims,
        relations=_relations(document.relations, known),
        observed_at=document.observed_at.isoformat() if document.observed_at else None,
        slug=document.identifiers.get(_SLUG_OF_SERVICES, "") if is_service(document.class_slug, known) else "",
        shares={one.type: one.share for one in document.redundancy},
        measured=[{name: str(value) for name, value in asdict(one).items()} for one in document.measures],
    )
    content = {name: value for name, value in made.as_json().items() if name not in _NOT_CONTENT}
    return replace(made, hash=content_hash(content))


def is_service(class_slug: str, known: Known) -> bool:
    """Whether things of this class are services, which are items of a kind of their own."""
    return known.lineage(class_slug)[0] == "service"


def _require_class(document: Document, known: Known) -> None:
    ci_class = known.classes.get(document.class_slug)
    if ci_class is None:
        raise NotUsable(gettext("There is no class %(slug)s.") % {"slug": document.class_slug[:40]})
    if ci_class.abstract or ci_class.retired_at is not None:
        raise NotUsable(gettext("The class %(slug)s has no items of its own.") % {"slug": ci_class.slug})
    if is_blank(document.key) or is_blank(document.name):
        raise NotUsable(gettext("It has no key or no name that can be read."))
    if "\0" in document.key + document.name:
        raise NotUsable(gettext("Its key or name holds a character that no text has (NUL)."))
    if document.observed_at is not None and timezone.is_naive(document.observed_at):
        raise NotUsable(gettext("The instant of its observation has no zone."))
    if document.observed_at is not None and document.observed_at > timezone.now() + timedelta(minutes=5):
        raise NotUsable(gettext("It was observed in the future."))


def _claims(document: Document, known: Known, actor: Actor) -> dict[str, Any]:
    claims: dict[str, Any] = {NAME: " ".join(document.name.split())[:LONGEST_NAME]}
    if document.description:
        claims[DESCRIPTION] = document.description.replace("\0", "")[:4000]
    if document.status is not None:
        if document.status not in Status.values or document.status == Status.RETIRED:
            words = gettext("%(status)s is no state that a source may claim.")
            raise NotUsable(words % {"status": document.status[:40]})
        claims[STATUS] = document.status
    if document.environment:
        found = known.environments.get(document.environment.strip().lower())
        if found is None:
            words = gettext("There is no environment %(name)s.")
            raise NotUsable(words % {"name": document.environment[:40]})
        claims[ENVIRONMENT] = found
    if document.owner:
        team = known.teams.get(document.owner) or known.teams.get(document.owner.lower())
        if team is None and document.owner in known.teams_to_come:
            claims[TEAM] = document.owner
        elif team is not None:  # an owner that nobody knows owns nothing: the item is unowned, which its health shows
            claims[TEAM] = team.slug
    return claims | _attributes(document, known, actor)


def _attributes(document: Document, known: Known, actor: Actor) -> dict[str, Any]:
    """The values of fields that the class has; what it has no field for is not kept."""
    fields, claims, wrong = known.fields(document.class_slug), {}, []
    for key, raw in document.attributes.items():
        if key in fields and raw is not None:
            try:
                value = judged(fields[key], _in_lines(raw), actor=actor)
            except ValueError as error:
                wrong.append(f"{key}: {error}")
            else:
                if value is not None:
                    claims[f"attributes.{key}"] = value
    if wrong:
        raise NotUsable(" ".join(wrong[:5]))
    return claims


def _in_lines(raw: object) -> object:
    """Labels are one long text, a line for each."""
    return "\n".join(map(str, raw)) if isinstance(raw, list) else raw


def _relations(claimed: Sequence[Claimed], known: Known) -> list[dict[str, str]]:
    if len(claimed) > MOST_RELATIONS:
        raise NotUsable(gettext("It claims more than %(most)s relations.") % {"most": MOST_RELATIONS})
    if unknown := sorted({one.type for one in claimed} - known.types.keys()):
        raise NotUsable(gettext("There is no type of relation %(name)s.") % {"name": unknown[0][:40]})
    return [dict(one) for one in sorted(_each_once(claimed))]


def _target(one: Claimed) -> str:
    """An identifier in the form in which it is compared; a key, a name, a reference as it is written."""
    if one.by in _AS_WRITTEN:
        return one.target.strip()[:500]
    return (normalised(one.by, one.target) or one.target)[:500]


def _each_once(claimed: Iterable[Claimed]) -> set[tuple[tuple[str, str], ...]]:
    return {
        (("by", one.by), ("direction", one.direction), ("target", _target(one)), ("type", one.type)) for one in claimed
    }
