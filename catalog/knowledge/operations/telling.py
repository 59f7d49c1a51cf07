"""Telling those whom an article concerns."""

from catalog.knowledge.models import Article
from itsm.accounts.models import Membership
from itsm.kernel.actors import Actor
from itsm.notifications.sayings import Saying, Words
from itsm.notifications.telling import tell


def tell_about(article: Article, event: str, actor: Actor, subject: Saying, body: Words = "") -> None:
    """Its writers, its owner and its team, as the rules of this event say. Raises nothing.

    A mail says no more than whom it is sent to may read: those who no longer see the article are not told of it.
    """
    team: list[int] = []
    if event == "proposed" and article.team_id is not None:
        team = list(Membership.objects.filter(team=article.team_id).values_list("user_id", flat=True))
    tell(
        f"article.{event}",
        {"caller": article.writers, "assignee": [article.owner_id], "team": team},
        subject % {"article": article.reference, "title": article.title},
        by=actor.id,
        body=body,
        path=article.get_absolute_url(),
        record=article,
    )
