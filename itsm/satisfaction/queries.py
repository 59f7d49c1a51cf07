"""What people said, counted: per team always with how many answers; per person only where nobody can be told apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext

from itsm.accounts.queues import rights_in_queues
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.kernel.references import number_in
from itsm.satisfaction import owners
from itsm.satisfaction.models import Survey
from itsm.satisfaction.permissions import readers_of_people

FEWEST = 5  # answers about a named person
PERIOD = timedelta(days=90)
MOST_COMMENTS = 20
_COUNTED: dict[str, Any] = {
    "asked": Count("pk"),
    "answers": Count("pk", filter=~Q(score="")),
    **{score: Count("pk", filter=Q(score=score)) for score in Survey.Score.values},
}


@dataclass(frozen=True, slots=True)
class Counted:
    """`share_good`: of the answers, 0 to 1; None without any. `people`: the same of named ones, where it is shown."""

    slug: str
    name: str
    asked: int
    answers: int
    good: int
    fair: int
    bad: int
    people: Sequence["Counted"] = ()

    @property
    def share_good(self) -> float | None:
        """Of the answers, 0 to 1; None without any."""
        return self.good / self.answers if self.answers else None

    @property
    def share_answered(self) -> float:
        """Of those who were asked, 0 to 1."""
        return self.answers / self.asked if self.asked else 0.0


def own_survey(actor: Actor, reference: str) -> Survey:
    """The question about the record of this reference, answered or not, for whose it is; NotFound for everybody else.

    Two queries.
    """
    for kind, owner in owners.kinds().items():
        number = number_in(reference, owner.named(1).partition("-")[0])
        if number is not None and actor.id is not None and owner.whose(number) == actor.id:
            found = Survey.objects.filter(record_kind=kind, record_id=number).first()
            if found is not None:
                return found
    raise NotFound(gettext("Nobody asks you how %(reference)s was handled.") % {"reference": reference[:20]})


def by_team(actor: Actor, at: datetime) -> list[Counted]:
    """What was asked in the 90 days before `at`, of the teams whose queue the actor sees, by name. Two queries."""
    rows: Any = (
        _asked(actor, at).values("team_id", "team__slug", "team__name").annotate(**_COUNTED).order_by("team__name")
    )
    people = _people(actor, at) if readers_of_people(actor) else {}
    return [
        Counted(row["team__slug"], row["team__name"], *_numbers(row), _told_apart(people.get(row["team_id"], [])))
        for row in rows
    ]


def comments(actor: Actor, at: datetime) -> list[Survey]:
    """The latest words, with team and answer: neither whose record nor whose work. One query."""
    said = _asked(actor, at).exclude(comment="").select_related("team").order_by("-answered_at")
    return list(said[:MOST_COMMENTS])


def open_survey(kind: str, record_id: int, at: datetime) -> Survey | None:
    """The question of a record, while it may be answered or just was; None where there is none."""
    return Survey.objects.filter(record_kind=kind, record_id=record_id, expires_at__gt=at).first()


def _asked(actor: Actor, at: datetime) -> QuerySet[Survey]:
    hidden = rights_in_queues(actor).hidden
    return Survey.objects.filter(asked_at__gt=at - PERIOD, asked_at__lte=at).exclude(team__in=hidden)


def _people(actor: Actor, at: datetime) -> dict[int, list[Counted]]:
    rows: Any = _asked(actor, at).filter(agent__isnull=False).values("team_id", "agent__username", "agent__name")
    found: dict[int, list[Counted]] = {}
    for row in rows.annotate(**_COUNTED).order_by("agent__name", "agent__username"):
        name = row["agent__name"] or row["agent__username"]
        found.setdefault(row["team_id"], []).append(Counted(row["agent__username"], name, *_numbers(row)))
    return found


def _told_apart(people: list[Counted]) -> list[Counted]:
    """Those with enough answers. Nobody is shown where the rest of the team, which is what remains of its sum, would
    be one person or have too few answers: subtracting must not say what is not shown."""
    shown = [one for one in people if one.answers >= FEWEST]
    hidden = [one for one in people if 0 < one.answers < FEWEST]
    if hidden and (len(hidden) < 2 or sum(one.answers for one in hidden) < FEWEST):
        return []
    return shown


def _numbers(row: dict[str, Any]) -> tuple[int, int, int, int, int]:
    return row["asked"], row["answers"], row["good"], row["fair"], row["bad"]
