"""How a problem begins where people open it; recurrence proposes others (`recurring`)."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from incidents.incident.models import Incident
from incidents.incident.operations import placing
from incidents.problem import permissions
from incidents.problem.models import Problem
from incidents.problem.operations import working
from itsm import lifecycle, rows
from itsm.accounts.models import Team, User
from itsm.accounts.operations import require_active
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted
from itsm.work import linkable

if TYPE_CHECKING:
    from catalog.models import Service
    from incidents.incident.models import Category

MOST_ORIGINS = 20


@transaction.atomic
def open_problem(
    *,
    actor: Actor,
    statement: str,
    symptom: str = "",
    cause: str = "",
    workaround: str = "",
    workaround_public: bool = False,
    service: "Service | None" = None,
    category: "Category | None" = None,
    team: Team | None = None,
    owner: User | None = None,
    raised_from: Sequence[str] = (),
    at: datetime | None = None,
) -> Problem:
    """Open a problem as of `at` (now), linked to the records that it was raised from (references).

    It lies in `team`; else where an incident of its service and category would. Service and category are those of the
    first incident that it was raised from, where none is named.
    Raises NotPermitted, InvalidInput (a record or queue that is not there, too many), Conflict (an owner who left).
    """
    if not permissions.responders(actor):
        raise NotPermitted(gettext("%(actor_name)s may not open problems.") % {"actor_name": actor.name})
    origins = _origins(actor, raised_from)
    first = next((one for one in origins if isinstance(one, Incident)), None)
    service = service or (first.service if first is not None else None)
    category = category or (first.category if first is not None else None)
    home = team or (first.team if first is not None else placing.place(service, category))
    placing.require_queue(actor, home)
    if owner is not None:
        require_may_own(owner, home)
    problem = Problem(
        statement=statement, symptom=symptom, cause=cause, workaround=workaround, workaround_public=workaround_public,
        service=service, category=category, team=home, owner=owner, opened_by_id=actor.id,
        opened_at=at or timezone.now(),
    )  # fmt: skip
    problem.full_clean(
        exclude=[field.name for field in Problem._meta.fields if field.is_relation], validate_constraints=False
    )
    rows.insert(problem)
    lifecycle.created(problem, actor=actor, changes={"statement": [None, statement]})
    for one in origins:
        working.link_origin(problem, one, actor=actor)
    return problem


def require_may_own(person: User, team: Team) -> None:
    """Raise for who may not own a problem of this queue: InvalidInput (a program, who may not work there), Conflict
    (who left)."""
    if not person.is_human:
        raise InvalidInput.about("owner", gettext("Only active people own problems."))
    require_active(person)
    placing.require_works_in(person, team, field="owner")


def _origins(actor: Actor, references: Sequence[str]) -> list[object]:
    wanted = list(dict.fromkeys(one.strip().upper() for one in references))
    if len(wanted) > MOST_ORIGINS:
        words = gettext("A problem is raised from at most %(most)s records.") % {"most": MOST_ORIGINS}
        raise InvalidInput.about("raised_from", words)
    return [linkable.named(actor, one, "raised_from") for one in wanted]
