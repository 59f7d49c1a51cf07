"""Who sees a postmortem, and how it is found."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext

from incidents.incident.models import Incident
from incidents.postmortem import permissions
from incidents.postmortem.models import Postmortem, PostmortemAction
from incidents.problem.models import Problem
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import InvalidInput, NotFound
from itsm.kernel.references import number_in
from itsm.search import offers
from itsm.work import linkable

RELATED = (
    "incident", "incident__team", "incident__service", "problem", "problem__team", "problem__service", "opened_by",
    "waiver_asked_by", "waived_by",
)  # fmt: skip


def listed(actor: Actor) -> QuerySet[Postmortem]:
    """Those that the actor may see, with what their rows name."""
    return Postmortem.objects.visible_to(actor).select_related(*RELATED)


def worth_improving(actor: Actor) -> QuerySet[Postmortem]:
    """Published ones that an improvement may be about, the newest first."""
    return Postmortem.objects.visible_to(actor).filter(published__gt=0).order_by("-pk")


def by_reference(actor: Actor, text: str) -> Postmortem:
    """The postmortem with this reference, or NotFound (also where it may not be seen)."""
    number = number_in(text, "PM")
    found = listed(actor).filter(pk=number).first() if number else None
    if found is None or not may_see(actor, found):
        raise NotFound(gettext("There is no postmortem %(text)s, or you may not see it.") % {"text": text[:20]})
    return found


def may_see(actor: Actor, postmortem: Postmortem) -> bool:
    """Whether this one is there for the actor."""
    return actor.is_system or permissions.readers(actor, postmortem)


def of_incident(incident: Incident, actor: Actor) -> Postmortem | None:
    """The postmortem of an incident, where there is one and the actor may see it."""
    return listed(actor).filter(incident=incident).first()


def of_problem(problem: Problem, actor: Actor) -> Postmortem | None:
    """The postmortem of a problem, in the same way."""
    return listed(actor).filter(problem=problem).first()


def is_confidential(postmortem: Postmortem) -> bool:
    """Whether what it is about lies in a confidential queue."""
    return bool(postmortem.about.team.confidential)


def as_found(postmortem: Postmortem) -> offers.Entry:
    """How a postmortem is found: by those who see the queue of what it is about."""
    said = [postmortem.impact, *postmortem.factors, postmortem.went_well, postmortem.went_badly, postmortem.lucky]
    about = postmortem.about
    return offers.Entry(
        postmortem.title,
        postmortem.get_absolute_url(),
        "\n".join(filter(None, said)),
        audience=offers.queue(about.team_id),
        about=offers.service(about.service_id),
        is_over=not postmortem.is_worked_on,
    )


def still_read(user: User, told: dict[int, set[str]]) -> set[tuple[int, str]]:
    """Of what a person was told, by postmortem and relation, what they may read now. One query or two."""
    actor = replace(actor_for(user, Door.TASK), memo={})  # rights are asked once
    seen = Postmortem.objects.visible_to(actor).filter(pk__in=list(told)).values_list("pk", flat=True)
    return {(pk, one) for pk in seen for one in told[pk]} if permissions.staff(actor) else set()


def actions_seen(actor: Actor) -> QuerySet[PostmortemAction]:
    """Actions of the postmortems that the actor may see and that are not waived, the most pressing first."""
    seen = Postmortem.objects.visible_to(actor).values("pk")
    rows = PostmortemAction.objects.filter(postmortem__in=seen).exclude(postmortem__status="waived")
    joined = [f"postmortem__{one}" for one in RELATED[:6]]
    return rows.select_related("owner", "problem", "problem__team", "postmortem", *joined).order_by("due_at", "pk")


def names_around(postmortem: Postmortem) -> list[str]:
    """Names of people who were there: who worked on it, owns an action or wrote. For the help with wording."""
    ids: set[int | None] = {*postmortem.writers, *postmortem.actions.values_list("owner_id", flat=True)}
    if postmortem.incident is not None:
        ids |= {postmortem.incident.assigned_to_id, postmortem.incident.opened_by_id, postmortem.incident.caller_id}
    known = User.objects.filter(pk__in=[pk for pk in ids if pk is not None], account_type=User.AccountType.HUMAN)
    members = User.objects.filter(teams=postmortem.team_id, account_type=User.AccountType.HUMAN)
    return sorted(_names([*known, *members[:50]]))


def _names(people: Iterable[User]) -> set[str]:
    said = {name for one in people for name in (one.username, one.name, one.name.partition(" ")[0]) if name}
    return {name for name in said if len(name) > 2}


def about_named(actor: Actor, text: str) -> dict[str, Any]:
    """The incident or problem of this reference, as `open_postmortem` takes it. Raises InvalidInput."""
    record = linkable.named(actor, text, "about")
    if isinstance(record, Incident):
        return {"incident": record}
    if isinstance(record, Problem):
        return {"problem": record}
    raise InvalidInput.about("about", gettext("Name an incident or a problem, such as INC-00042."))
