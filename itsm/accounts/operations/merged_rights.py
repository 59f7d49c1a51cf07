"""What becomes of rights in queues when teams are merged."""

from collections.abc import Iterable

from itsm import lifecycle
from itsm.accounts.models import Grant, Team
from itsm.accounts.queues import members_of
from itsm.kernel.actors import Actor
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import saying as _


def given_in_follow(old: Team, new: Team, actor: Actor) -> int:
    """Rights in a queue that is no more end with it: whoever keeps the other one decides there. How many.

    Raises nothing.
    """
    return Grant.objects.filter(team=old).delete()[0]


def held_by_members_follow(old: Team, new: Team, actor: Actor) -> int:
    """What the members of a team may do in other queues, the members of the one it becomes may do. How many rights.

    Where those have the right already, it lasts as long as the longer of the two. Each queue notes it, and the leads
    of a confidential one hear of it. In the merge's transaction. Raises nothing.
    """
    held = list(Grant.objects.filter(member_of=old).select_related("team", "member_of").order_by("pk"))
    passing = [one for one in held if one.team_id != new.pk]  # in their own queue, members need none
    # Somebody may be giving the same right at this moment: the database says which of the two comes first.
    Grant.objects.bulk_create([_for_members_of(new, one) for one in passing], ignore_conflicts=True)
    for one in passing:
        _last_as_long(one, new)
    Grant.objects.filter(pk__in=[one.pk for one in held]).delete()
    for one in held:
        moved = [one.holder, _for_members_of(new, one).holder if one in passing else None]
        lifecycle.announce(one.team, "right_moved", actor=actor, changes={one.right: moved})
    _tell_leads({one.team for one in passing if one.team.confidential}, old, new, actor)
    return len(held)


def _for_members_of(team: Team, given: Grant) -> Grant:
    return Grant(
        team=given.team, right=given.right, member_of=team, until=given.until,
        granted_by_id=given.granted_by_id, granted_at=given.granted_at,
    )  # fmt: skip


def _last_as_long(given: Grant, new: Team) -> None:
    same = Grant.objects.filter(team=given.team, right=given.right, member_of=new)
    shorter = same.filter(until__isnull=False) if given.until is None else same.filter(until__lt=given.until)
    shorter.update(until=given.until)


def _tell_leads(queues: Iterable[Team], old: Team, new: Team, actor: Actor) -> None:
    for queue in sorted(queues, key=lambda one: one.pk):
        notify(
            members_of(queue.pk, leads_only=True).exclude(pk=actor.id or 0),
            _("%(actor)s merged %(team)s into %(into)s, whose members now have its rights in %(queue)s")
            % {"actor": actor.name, "team": old.name, "into": new.name, "queue": queue.name},
            path=queue.get_absolute_url(),
            record=queue,
            by=("queue.rights_changed", "lead"),
        )
