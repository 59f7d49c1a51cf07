"""Records that would be made: a problem and an article from an incident, a line of a postmortem's timeline."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from pydantic import Field

from catalog.knowledge.api.shapes import NewArticle
from catalog.knowledge.operations import create_article
from incidents.incident.api import reading
from incidents.incident.models import Incident
from incidents.postmortem.models import Postmortem
from incidents.postmortem.operations import add_event, remove_event
from incidents.postmortem.workflow import Status
from incidents.problem.api.serializers import NewProblem
from incidents.problem.models import Problem
from incidents.problem.operations import open_problem
from itsm.api.serializers import Strict
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotFound
from itsm.kernel.texts import is_blank
from itsm.proposals.kinds import Body, Draft, Written, done
from itsm.work import linking
from itsm.work.linking import Relation


class ProblemProposed(Body):
    """A problem that may stand behind it. `statement`: what goes wrong, in a line."""

    statement: str = Field(max_length=200)
    symptom: str = Field("", max_length=5_000)
    cause: str = Field("", max_length=5_000)


class ArticleProposed(Body):
    """A draft of an article. `title`: the question that it answers; `body`: Markdown."""

    title: str = Field(max_length=200)
    symptoms: str = Field("", max_length=2_000)
    body: str


class TimelineEntryProposed(Body):
    """A line of a postmortem's timeline. `at`: with its zone, such as 2026-11-30T04:12:00Z."""

    at: str = Field(max_length=40)
    text: str = Field(max_length=2_000)


def problems(incident: Incident, body: ProblemProposed, eyes: Actor) -> list[Draft]:
    """A part for each text. Raises InvalidInput."""
    labels = {"statement": gettext("Problem"), "symptom": gettext("Symptom"), "cause": gettext("Cause")}
    return _texts(body, labels, NewProblem, eyes)


def articles(incident: Incident, body: ArticleProposed, eyes: Actor) -> list[Draft]:
    """A part for each text. Raises InvalidInput."""
    labels = {"title": gettext("Article"), "symptoms": gettext("Symptoms"), "body": gettext("Text")}
    return _texts(body, labels, NewArticle, eyes)


def timeline_entries(postmortem: Postmortem, body: TimelineEntryProposed, eyes: Actor) -> list[Draft]:
    """Instant and text. Raises InvalidInput."""
    at = _instant(body.at)
    shown = timezone.localtime(at).strftime("%Y-%m-%d %H:%M:%S %Z")
    if is_blank(body.text):
        raise InvalidInput.about("text", gettext("Nothing in it can be read."))
    when = Draft("at", gettext("At"), at.isoformat(), shown)
    return [when, Draft("text", gettext("What happened"), body.text, body.text)]


def of_problem(incident: Incident, part: Any) -> str:
    """Whether a problem is named as its cause already."""
    if incident.merged_into_id is not None:
        return gettext("%(reference)s was merged into another.") % {"reference": incident.reference}
    for one in linking.linked_to(incident, Actor.system("proposals")):
        if one.record.kind == Problem.kind and one.relation == Relation.CAUSED_BY:
            return gettext("Another problem is named as its cause already.")
    return ""


def of_article(incident: Incident, part: Any) -> str:
    """An article may be made of any incident, also when it is over."""
    return ""


def of_timeline(postmortem: Postmortem, part: Any) -> str:
    """Only a draft is written in."""
    if postmortem.status == Status.DRAFT:
        return ""
    said = {"reference": postmortem.reference, "state": postmortem.get_status_display().lower()}
    return gettext("%(reference)s is %(state)s.") % said


def open_one(incident: Incident, values: Mapping[str, Any], actor: Actor, at: datetime) -> Written:
    """Raises what `problems.open_problem` raises."""
    said = _read(NewProblem, values, actor) | {"raised_from": [incident.reference]}
    made = done(open_problem(actor=actor, at=at, **said))
    return Written(path=made.get_absolute_url())


def write_one(incident: Incident, values: Mapping[str, Any], actor: Actor, at: datetime) -> Written:
    """A draft of the person, whom somebody else lets go live. Raises what `knowledge.create_article` raises."""
    said = _read(NewArticle, values, actor) | {"origin": incident.reference}
    made = done(create_article(actor=actor, at=at, **said))
    return Written(path=made.get_absolute_url())


def add_one(postmortem: Postmortem, values: Mapping[str, Any], actor: Actor, at: datetime) -> Written:
    """Raises what `postmortems.add_event` raises, and InvalidInput for what is no instant."""
    made = done(add_event(postmortem, actor=actor, at=_instant(str(values["at"])), text=str(values["text"])[:2_000]))
    return Written({"event": [None, made.pk]})


def take_out(postmortem: Postmortem, changes: Mapping[str, Any], version: int, actor: Actor) -> None:
    """The line taken out. Raises NotFound where it is gone, and what taking lines out raises."""
    event = postmortem.events.filter(pk=int(changes["event"][1])).first()
    if event is None:
        raise NotFound(gettext("It is not there any more: somebody took it away meanwhile."))
    remove_event(postmortem, event, actor=actor)


def _texts(body: Body, labels: Mapping[str, str], shape: type[Strict], eyes: Actor) -> list[Draft]:
    """Raises InvalidInput where the record's own REST would not take these texts."""
    said = {name: text for name in labels if (text := str(getattr(body, name)))}
    _read(shape, said, eyes)
    return [Draft(name, labels[name], text, text) for name, text in said.items()]


def _read(shape: type[Strict], values: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """As REST reads it; an emptied box is an empty text. Raises InvalidInput."""
    sent = {name: "" if value is None else value for name, value in values.items()}
    return reading.validated(shape(data=sent, context={"view": reading.Asker(actor)}))


def _instant(text: str) -> datetime:
    try:
        found = parse_datetime(text.strip())
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise InvalidInput.about("at", gettext("Name an instant with its zone, such as 2026-11-30T04:12:00Z."))
    return found
