"""Arrows from an incident: a link, what it duplicates, the known error behind it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext
from pydantic import Field

from incidents.incident import operations as incidents
from incidents.incident.models import Incident
from incidents.problem.models import Problem
from incidents.problem.operations import apply
from incidents.proposed.fields import is_over
from itsm.api.nearest import did_you_mean
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from itsm.proposals.kinds import Body, Draft, Written, done
from itsm.work import linkable, linking
from itsm.work.linking import Relation


class LinkProposed(Body):
    """An arrow to another record, in the incident's words."""

    to: str = Field(max_length=20, description="Reference of a record, such as CHG-00007.")
    relation: str = Field("relates", max_length=20, description=f"One of {', '.join(Relation.values)}.")


class DuplicateProposed(Body):
    """The incident that it duplicates; both stay, linked."""

    of: str = Field(max_length=20, description="Reference of an incident.")


class KnownErrorProposed(Body):
    """The known error behind it: linked, and its workaround noted for the team."""

    problem: str = Field(max_length=20, description="Reference of a problem that is a known error.")


def links(incident: Incident, body: LinkProposed, eyes: Actor) -> list[Draft]:
    """One part, such as "caused_by CHG-00007". Raises InvalidInput."""
    if body.relation not in Relation.values:
        said = gettext("Relations are %(known)s.") % {"known": ", ".join(Relation.values)}
        raise InvalidInput.about("relation", said + did_you_mean(body.relation, Relation.values))
    return _arrow(incident, Relation(body.relation), _other(incident, eyes, body.to, "to"), gettext("Link"))


def duplicates(incident: Incident, body: DuplicateProposed, eyes: Actor) -> list[Draft]:
    """One part. Raises InvalidInput."""
    other = _other(incident, eyes, body.of, "of")
    if other.kind != Incident.kind:
        raise InvalidInput.about("of", gettext("Name an incident, such as INC-00042."))
    return _arrow(incident, Relation.DUPLICATES, other, gettext("Duplicate"))


def known_errors(incident: Incident, body: KnownErrorProposed, eyes: Actor) -> list[Draft]:
    """One part, the problem. Raises InvalidInput."""
    other = _other(incident, eyes, body.problem, "problem")
    if other.kind != Problem.kind or not other.is_known:
        raise InvalidInput.about("problem", gettext("%(text)s is no known error.") % {"text": other.reference})
    if _has(incident, Relation.CAUSED_BY, other):
        return []
    return [Draft("problem", gettext("Known error"), other.reference, f"{other.reference} {other.title}")]


def named_in(part: Any) -> str:
    """The reference of the record that the arrow leads to. Raises nothing: it was read as it was proposed."""
    return str(part.value).rpartition(" ")[2]


def overtaken(incident: Incident, part: Any) -> str:
    """Whether it is drawn already, or there is nothing to draw it to."""
    if (over := is_over(incident)) != "":
        return over
    relation, reference = _read(part.value)
    found = _named(reference)
    if found is None:
        return gettext("%(reference)s is gone.") % {"reference": reference}
    if part.field == "problem" and not found.is_known:
        return gettext("%(reference)s is no known error any more.") % {"reference": reference}
    return gettext("It is linked so already.") if _has(incident, relation, found) else ""


def write(incident: Incident, values: Mapping[str, Any], actor: Actor, at: datetime) -> Written:
    """The arrow, drawn by the person. Raises what `incidents.connect` and `problems.apply` raise."""
    name, value = next(iter(values.items()))
    if name == "problem":
        found = linkable.named(actor, str(value), "problem")
        if found.kind != Problem.kind:
            raise InvalidInput.about("problem", gettext("Name a problem, such as PRB-00042."))
        return Written(path=done(apply(found, actor=actor, incident=incident.reference, at=at)).get_absolute_url())
    relation, reference = _read(value)
    made = done(incidents.connect(incident, actor=actor, to=reference, relation=relation))
    return Written({"link": [None, made.id]})


def back(incident: Incident, changes: Mapping[str, Any], version: int, actor: Actor) -> None:
    """The arrow taken away. Raises NotFound where it is gone, and what taking links away raises."""
    linked = linking.link_named(incident, actor, int(changes["link"][1]))
    incidents.disconnect(incident, linked, actor=actor)


def _arrow(incident: Incident, relation: Relation, other: Any, label: str) -> list[Draft]:
    if _has(incident, relation, other):
        return []
    shown = f"{relation.label} {other.reference} {linking.title_of(other)}"
    return [Draft("link", label, f"{relation.value} {other.reference}", shown)]


def _other(incident: Incident, eyes: Actor, text: str, field: str) -> Any:
    """The record that is meant. One whose name histories leave out is for people to link: others read proposals."""
    found = linkable.named(eyes, text, field)
    if (found.kind, found.pk) == (incident.kind, incident.pk):
        said = gettext("%(reference)s is not linked to itself.") % {"reference": incident.reference}
        raise InvalidInput.about(field, said)
    if linkable.is_discreet(found):
        said = gettext("%(reference)s is confidential: its readers link it themselves.") % {
            "reference": found.reference
        }
        raise InvalidInput.about(field, said)
    return found


def _read(value: Any) -> tuple[Relation, str]:
    """ "caused_by CHG-7", or a problem alone, which caused it. Raises InvalidInput."""
    said, _space, reference = str(value).strip().rpartition(" ")
    if said and said not in Relation.values:
        known = gettext("Relations are %(known)s.") % {"known": ", ".join(Relation.values)}
        raise InvalidInput.about("link", known + did_you_mean(said[:40], Relation.values))
    return Relation(said or Relation.CAUSED_BY), reference


def _named(reference: str) -> Any:
    return linkable.called(Actor.system("proposals"), reference)


def _has(incident: Incident, relation: Relation, other: Any) -> bool:
    """Whether this arrow is there."""
    linked = linking.linked_to(incident, Actor.system("proposals"))
    return any((one.relation, one.record) == (relation, other) for one in linked)
