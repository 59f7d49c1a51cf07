"""What becomes of rules when a team is merged, or when somebody leaves."""

from datetime import datetime

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from itsm import lifecycle
from itsm.accounts.duties import Duty
from itsm.accounts.models import QueueRight, Team, User
from itsm.accounts.queues import people_with
from itsm.assignment.models import Assign, Rule
from itsm.kernel.actors import Actor


def _as_duty(rule: Rule, otherwise: str, *, passes: bool) -> Duty:
    return Duty(
        what=_("assignment rule"), reference=rule.name, name=rule.name, path=rule.get_absolute_url(),
        otherwise=otherwise, passes=passes,
    )  # fmt: skip


def rules_into(team: Team) -> list[Duty]:
    """Active rules that place into a queue."""
    found = Rule.objects.filter(team=team, active=True)
    return [_as_duty(rule, _("places nothing any more"), passes=True) for rule in found]


def follow_team(old: Team, new: Team, actor: Actor) -> int:
    """Rules place into the other queue as teams are merged, in the caller's transaction. How many. Raises nothing."""
    return Rule.objects.filter(team=old).update(team=new, version=F("version") + 1)


def rules_naming(person: User) -> list[Duty]:
    """Rules that give somebody work, or let them follow it."""
    found = Rule.objects.filter(Q(person=person, active=True) | Q(watchers__contains=[person.pk]))
    return [_as_duty(rule, _("gives them nothing any more"), passes=rule.person_id == person.pk) for rule in found]


def naming(person: int) -> QuerySet[Rule]:
    """Rules that name somebody, those that stand still as well."""
    return Rule.objects.filter(Q(person=person) | Q(watchers__contains=[person]))


def hand_over(person: User, successor: User | None, actor: Actor, at: datetime) -> None:
    """Rules give the successor what they gave who leaves, where the successor may work there; else they stand still.

    Raises nothing.
    """
    for rule in naming(person.pk).order_by("pk"):
        with lifecycle.edit(rule, actor=actor, version=None, version_required=False) as current:
            current.watchers = [one for one in current.watchers if one != person.pk]
            if current.person_id == person.pk:
                works = successor is not None and (
                    current.team_id is None
                    or people_with(current.team_id, QueueRight.CHANGE).filter(pk=successor.pk).exists()
                )
                current.person = successor if works else None
                if not works:
                    current.assign = Assign.NONE
