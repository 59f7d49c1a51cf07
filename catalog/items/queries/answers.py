"""Answers to the form of a version, judged with what the database knows of names and people."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from catalog.items.models import CatalogItemVersion
from catalog.items.permissions import staff
from catalog.items.queries.uploads import look_up_for
from itsm.accounts.models import Membership, User
from itsm.fields.form.answering import Answered, Person, answered
from itsm.fields.kinds import Moment
from itsm.kernel.actors import Actor

if TYPE_CHECKING:
    from datetime import datetime


def judge(
    version: CatalogItemVersion,
    raw: Mapping[str, Any],
    *,
    actor: Actor,
    at: "datetime",
    served: User | None = None,
    as_requester: bool = False,
) -> Answered:
    """What of these answers is kept, dropped and wrong: those of the actor, for the served person (themselves without
    one). A query for each record that is named, and two for the person. Raises nothing."""
    return answered(
        version.asked,
        raw,
        look_up=look_up_for(actor),
        moment=Moment(at, timezone.localdate(at)),
        person=person_of(served.pk if served is not None else actor.id),
        staff=staff(actor) and not as_requester,
    )


def person_of(user_id: int | None) -> Person:
    """What a form may begin with of a person. Two queries; nothing of nobody."""
    found = (
        User.objects.select_related("manager", "location").filter(pk=user_id).first() if user_id is not None else None
    )
    if found is None:
        return Person()
    teams = Membership.objects.filter(user=found, team__retired_at=None).order_by("pk")
    return Person(
        name=found.name or found.username,
        email=found.email,
        team=teams.values_list("team__slug", flat=True).first() or "",
        location=found.location.name if found.location is not None else "",
        manager=found.manager.username if found.manager is not None else "",
    )
