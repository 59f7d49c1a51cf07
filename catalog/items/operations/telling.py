"""Telling those whom a catalog item concerns."""

from catalog.items.models import CatalogItem
from itsm.accounts.models import Membership
from itsm.kernel.actors import Actor
from itsm.notifications.sayings import Saying, Words
from itsm.notifications.telling import tell


def tell_about(item: CatalogItem, event: str, actor: Actor, subject: Saying, body: Words = "") -> None:
    """Its writers, its owner and its team, as the rules of this event say. Raises nothing."""
    team: list[int] = []
    if event == "proposed":
        team = list(Membership.objects.filter(team=item.team_id).values_list("user_id", flat=True))
    tell(
        f"catalog_item.{event}",
        {"caller": item.writers, "assignee": [item.owner_id], "team": team},
        subject % {"name": item.newest.name},
        by=actor.id,
        body=body,
        path=item.get_absolute_url(),
        record=item,
    )
