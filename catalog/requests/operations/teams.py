"""Requests as people leave and teams are merged."""

from datetime import datetime

from django.db import connection
from django.db.models import F

from catalog.requests.models import RequestItem
from catalog.requests.workflow import ITEM_OPEN
from itsm import lifecycle
from itsm.accounts.models import QueueRight, Team, User
from itsm.accounts.queues import people_with
from itsm.kernel.actors import Actor


def hand_over(person: User, successor: User | None, actor: Actor, at: datetime) -> None:
    """What a person was given goes to the successor where they may work there, else back to its queue, in the caller's
    transaction. Raises nothing."""
    for item in RequestItem.objects.filter(assigned_to=person, status__in=ITEM_OPEN).select_related("request"):
        works = successor is not None and people_with(item.team_id, QueueRight.CHANGE).filter(pk=successor.pk).exists()
        with lifecycle.edit(
            item, actor=actor, version=None, event="assigned", version_required=False
        ) as current:  # fmt: skip
            current.assigned_to = successor if works else None


_TEAMS_FOLLOW = """
UPDATE catalog_request r SET
  teams = (SELECT array_agg(DISTINCT i.team_id ORDER BY i.team_id) FROM catalog_requestitem i WHERE i.request_id = r.id)
WHERE r.id IN (SELECT request_id FROM catalog_requestitem WHERE id = ANY (%s))
"""


def follow_team(old: Team, new: Team, actor: Actor) -> int:
    """What is open in a queue moves to another as its team is merged, in the caller's transaction. How many.

    Raises nothing.
    """
    moving = list(RequestItem.objects.filter(team=old, status__in=ITEM_OPEN).values_list("pk", flat=True))
    moved = RequestItem.objects.filter(pk__in=moving).update(team=new, version=F("version") + 1)
    with connection.cursor() as cursor:
        cursor.execute(_TEAMS_FOLLOW, [moving])
    return moved
