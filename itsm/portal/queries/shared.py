"""What the members of a team asked for, where its lead shares it: title and how it stands, nothing to open.

Only what somebody asked for themselves, from the instant on at which it was shared and they were in the team; what
lies in a confidential queue is in none of it. A manager sees it of those who report to them, and no program anything.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from catalog.requests import queries as requests
from incidents.incident import queries as incidents
from itsm.accounts.models import Membership, Team
from itsm.kernel.actors import Actor
from itsm.portal.queries import asked, reported
from itsm.portal.queries.lines import Line

if TYPE_CHECKING:
    from catalog.models import Request
    from incidents.models import Incident

SHOWN = 50
_ALL = Actor.system("what teams share")


def sees_some(actor: Actor) -> bool:
    """Whether anybody shares anything with this person. One query."""
    return bool(actor.id) and _sharing(actor).exclude(user=actor.id).exists()


def shares_with(actor: Actor) -> list[str]:
    """The names of the teams that see what this person asks for; their manager sees it with them. One query."""
    teams = Team.objects.filter(
        memberships__user=actor.id, asks_shared_since__isnull=False, retired_at=None
    ) if actor.id else Team.objects.none()  # fmt: skip
    return list(teams.order_by("name").values_list("name", flat=True))


def of_others(actor: Actor, at: datetime) -> list[Line]:
    """The latest fifty of what others share with this person. Three queries."""
    columns = ("caller__name", "caller__username", "opened_by_id")
    seen = incidents.for_list(_ALL, columns).exclude(team__confidential=True)
    reports = _of(seen, actor, "caller", "opened_by", reported.DATED)
    wishes = _of(requests.listed(_ALL), actor, "requested_for", "by", asked.DATED)
    secret = list(Team.objects.filter(confidential=True).values_list("pk", flat=True))
    wishes = wishes.exclude(teams__overlap=secret) if secret else wishes
    rows: Any = [_of_report(one) for one in reports[:SHOWN]]
    rows += [_of_wish(one) for one in requests.list_rows(list(wishes[:SHOWN]))]
    return sorted(rows, key=lambda one: one.at, reverse=True)[:SHOWN]


def _sharing(actor: Actor) -> "QuerySet[Membership]":
    """Memberships of those whose things this person sees. What people ask for is shared with people, with no program
    of their team."""
    if not actor.is_human:
        return Membership.objects.none()
    mine = Membership.objects.filter(user=actor.id).values("team")
    return Membership.objects.filter(
        Q(team__in=mine) | Q(user__manager=actor.id), team__asks_shared_since__isnull=False, team__retired_at=None
    )


def _of(rows: Any, actor: Actor, whose: str, by: str, dated: str) -> Any:
    shared = _sharing(actor).filter(
        user=OuterRef(whose), since__lte=OuterRef(dated), team__asks_shared_since__lte=OuterRef(dated)
    )
    found = rows.filter(Exists(shared), **{whose: F(by)}).exclude(**{whose: actor.id})
    return found.order_by(f"-{dated}", "-id")


def _of_report(incident: "Incident") -> Line:
    words, tone = reported.in_words(incident)
    return Line(incident.reference, incident.title, "", words, tone, incident.opened_at, who=str(incident.caller))


def _of_wish(row: Any) -> Line:
    request: Request = row.request
    words, tone = asked.in_words(request)
    who = str(request.requested_for)
    return Line(request.reference, request.title, "", words, tone, request.submitted_at, who=who)
