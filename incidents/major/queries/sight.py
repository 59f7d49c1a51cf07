"""Who sees a major incident, how it is found, and what of it is whose."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from incidents.major import permissions
from incidents.major.models import CandidateRule, Major, PinnedMoment, Stakeholder
from incidents.major.workflow import RUNNING, TURNED_DOWN, Status
from itsm.accounts.actors import actor_for
from itsm.accounts.duties import Duty
from itsm.accounts.models import User
from itsm.accounts.queues import Asker
from itsm.composed import Composed, composed
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import NotFound
from itsm.kernel.references import number_in

RELATED = (
    "incident", "incident__team", "incident__service", "commander", "communications", "scribe", "proposed_by",
    "decided_by",
)  # fmt: skip
_MOST_COUNTED = 100


def listed(actor: Actor) -> QuerySet[Major]:
    """Those that the actor may see, with what their rows name."""
    return Major.objects.visible_to(actor).select_related(*RELATED)


def by_reference(actor: Actor, text: str) -> Major:
    """The major incident of this incident (INC-00042), or NotFound (also where it may not be seen)."""
    number = number_in(text, "INC")
    found = listed(actor).filter(incident=number).first() if number else None
    if found is None or not may_see(actor, found):
        raise NotFound(gettext("There is no major incident %(text)s, or you may not see it.") % {"text": text[:20]})
    return found


def may_see(actor: Actor, major: Major) -> bool:
    """Whether this one is there for the actor."""
    return actor.is_system or permissions.readers(actor, major)


def of_incident(incident_id: int, actor: Actor) -> Major | None:
    """The major incident of an incident, where there is one and the actor may see it."""
    return listed(actor).filter(incident=incident_id).first()


def leads(actor: Actor, incident: Any) -> bool:
    """Whether somebody plays a part in the major incident of this one, or accepted it. One query."""
    major = Major.objects.filter(incident=incident.pk).first()
    return major is not None and major.is_accepted and permissions.plays_a_part(actor, major)


def is_confidential(major: Major) -> bool:
    """Whether its incident lies in a confidential queue."""
    return bool(major.incident.team.confidential)


def still_read(user: User, told: dict[int, set[str]]) -> set[tuple[int, str]]:
    """Of what a person was told, by major incident and relation, what they may read now. One query or two."""
    actor = replace(actor_for(user, Door.TASK), memo={})  # rights are asked once
    seen = Major.objects.visible_to(actor).filter(pk__in=list(told)).values_list("pk", flat=True)
    return {(pk, one) for pk in seen for one in told[pk]} if permissions.staff(actor) else set()


def parts_of(person: User) -> list[Duty]:
    """Parts that a person plays in what is not concluded, for who takes them over. One query."""
    return [
        Duty(
            what=gettext("part in a major incident"),
            reference=one.reference,
            name=one.incident.title,
            path=one.get_absolute_url(),
            otherwise=gettext("is led by whoever accepted it"),
            passes=True,
        )
        for one in playing(person.pk).select_related("incident").order_by("pk")
    ]


def playing(person: int) -> QuerySet[Major]:
    """What is not concluded and has this person in one of its parts."""
    plays = Q(commander=person) | Q(communications=person) | Q(scribe=person)
    return Major.objects.filter(plays).exclude(status__in=(Status.CONCLUDED, *TURNED_DOWN))


def waiting_for(actor: Actor) -> Composed[Any]:
    """Those that run or wait for a decision, no more than a hundred, for the navigation."""
    return _waiting_for(Asker.of(actor))


@composed
def _waiting_for(asker: Asker) -> QuerySet[Any, Any]:
    rows = Major.objects.visible_to(asker.actor).filter(status__in=(Status.PROPOSED, *RUNNING))
    return rows.order_by().values("pk")[:_MOST_COUNTED]


def overdue(rows: QuerySet[Major], at: datetime) -> QuerySet[Major]:
    """Those of which those who wait should have heard something."""
    return rows.filter(status__in=RUNNING, next_update_at__lt=at)


def rules() -> QuerySet[CandidateRule]:
    """What proposes by itself, in order."""
    return CandidateRule.objects.order_by("pk")


def stakeholder_of(major: Major, number: int) -> Stakeholder:
    """One of those who hear of its updates. Raises NotFound."""
    found = major.stakeholders.select_related("person").filter(pk=number).first()
    if found is None:
        raise NotFound(gettext("There is no such stakeholder."))
    return found


def moment_of(major: Major, number: int) -> PinnedMoment:
    """One of its moments. Raises NotFound."""
    found = major.moments.filter(pk=number).first()
    if found is None:
        raise NotFound(gettext("There is no such moment."))
    return found
