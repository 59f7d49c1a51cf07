"""What stands in a problem, changed; who owns it, as people leave and teams merge."""

from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils.translation import gettext

from incidents.incident.operations import placing
from incidents.problem.models import FixWord, Problem
from incidents.problem.operations.opening import require_may_own
from incidents.problem.operations.telling import tell_owner
from incidents.problem.operations.working import require_works_on
from incidents.problem.queries.duties import lying_with
from incidents.problem.vocabulary import CloseCode
from incidents.problem.workflow import STANDING, Status, a_cause_or_unknown, a_way_round
from itsm import lifecycle
from itsm.accounts.models import Team, User
from itsm.kernel.actors import Actor
from itsm.kernel.errors import MissingInformation, WrongState

_OF_WORK = ("owner", "team", "service")


def edit(problem: Problem, *, actor: Actor, version: int | None, **fields: Any) -> Problem:
    """Change statement, symptom, cause, cause_unknown, workaround, workaround_public, service, category, team (the
    queue), owner.

    Of another service, no word about a fix holds any more: it was given about that one. Raises NotPermitted,
    InvalidInput, Conflict (an owner who left), MissingInformation (a known error keeps its workaround), WrongState (of
    one that is over nobody says who works on it), StaleVersion and VersionRequired.
    """
    require_works_on(actor, problem)
    with lifecycle.edit(problem, actor=actor, version=version) as current:
        require_works_on(actor, current)
        _require_worked_on(current, fields)
        owned, of_service = current.owner_id, current.service_id
        _judge(current, fields, actor)
        for name, value in fields.items():
            setattr(current, name, value)
        if current.cause and "cause_unknown" not in fields:
            current.cause_unknown = False
        _require_said(current)
        if current.owner_id not in {None, owned}:
            tell_owner(current, actor)
        if current.service_id != of_service:
            FixWord.objects.filter(problem=current).delete()
    return current


def _judge(problem: Problem, fields: dict[str, Any], actor: Actor) -> None:
    """A move to another queue or owner. Raises NotPermitted, InvalidInput and Conflict."""
    team: Team = fields.get("team") or problem.team
    owner: User | None = fields.get("owner", problem.owner)
    if team.pk != problem.team_id:
        placing.require_assigns(actor, problem.team)
        placing.require_queue(actor, team)
        if owner is not None and "owner" not in fields and not placing.works_in(owner, team):
            fields["owner"] = owner = None
    if owner is not None and owner.pk != problem.owner_id:
        require_may_own(owner, team)


def _require_worked_on(problem: Problem, fields: dict[str, Any]) -> None:
    if problem.status in STANDING or problem.close_code == CloseCode.RISK_ACCEPTED:
        return
    if any(name in fields and fields[name] != getattr(problem, name) for name in _OF_WORK):
        raise WrongState(
            gettext("%(reference)s is %(state)s: nobody works on it any more.")
            % {"reference": problem.reference, "state": problem.get_status_display().lower()},
            state=problem.status,
            available=[],
        )


def _require_said(problem: Problem) -> None:
    """A known error says its cause, or that it is unknown, and its workaround."""
    if problem.status != Status.KNOWN_ERROR:
        return
    missing = [said for need in (a_cause_or_unknown, a_way_round) if (said := need(problem))]
    if missing:
        raise MissingInformation(" ".join(missing), missing=missing)


def hand_over(person: User, successor: User | None, actor: Actor, at: datetime) -> None:
    """What a person owns goes to the successor where they may work there, else to nobody, in the caller's transaction.

    Raises nothing.
    """
    for problem in lying_with(person).select_related("team"):
        with lifecycle.edit(problem, actor=actor, version=None, version_required=False) as current:
            works = successor is not None and placing.works_in(successor, problem.team)
            current.owner = successor if works else None


def follow_team(old: Team, new: Team, actor: Actor) -> int:
    """What lies in a queue moves to another as its team is merged, in the caller's transaction. How many.

    Raises nothing.
    """
    return Problem.objects.filter(team=old).update(team=new, version=F("version") + 1)
