"""Rounds follow when a team is merged into another; what was counted of a day stays as it was."""

from collections.abc import Iterable

from django.utils.translation import gettext

from catalog.health.models import Round, RoundLine
from catalog.health.vocabulary import RoundState
from itsm import lifecycle
from itsm.accounts.duties import Duty
from itsm.accounts.models import Team
from itsm.kernel.actors import Actor

_STANDING = (RoundState.DRAFT, RoundState.OPEN)


def rounds_of(team: Team) -> Iterable[Duty]:
    """Rounds that ask a team and are not over."""
    return [
        Duty(gettext("certification round"), one.reference, one.name, one.get_absolute_url(), gettext("stays open"))
        for one in Round.objects.filter(team=team, status__in=_STANDING)
    ]


def rounds_follow(old: Team, new: Team, actor: Actor) -> int:
    """Rounds that ask a team ask another as the teams are merged, in the caller's transaction. How many.

    Raises nothing.
    """
    rows = list(Round.objects.filter(team=old, status__in=_STANDING))
    for one in rows:
        with lifecycle.edit(one, actor=actor, version=None, version_required=False) as current:
            current.team = new
    return len(rows)


def lines_follow(old: Team, new: Team, actor: Actor) -> int:
    """What a team said of items, another has said, in the caller's transaction. How many lines. Raises nothing."""
    return RoundLine.objects.filter(team=old).update(team=new)


def told_elsewhere(team: Team) -> Iterable[Duty]:
    """Its items and rounds are told of themselves."""
    return ()


def days_stay(old: Team, new: Team, actor: Actor) -> int:
    """What was counted of a team on a day is counted of no other. Raises nothing."""
    return 0
