"""What becomes of articles as teams are merged and people leave."""

from datetime import datetime

from catalog.knowledge.models import Article
from catalog.knowledge.operations.words import learn, unlearn
from catalog.knowledge.vocabulary import Status, VersionStatus
from itsm import lifecycle
from itsm.accounts import audiences
from itsm.accounts.models import Team, User
from itsm.kernel.actors import Actor


def articles_follow(old: Team, new: Team, actor: Actor) -> int:
    """Articles of a team that is merged, and those that are for it, are the other one's, in the merge's transaction.
    How many. Raises nothing."""
    token = f"team:{old.pk}"
    of_it = Article.objects.filter(team=old).exclude(status=Status.RETIRED)
    for_it = Article.objects.filter(audience__contains=[token])
    drafts = Article.objects.filter(
        versions__audience__contains=[token], versions__state__in=[VersionStatus.DRAFT, VersionStatus.REVIEW]
    )
    found = {pk for rows in (of_it, for_it, drafts) for pk in rows.values_list("pk", flat=True)}
    for article in Article.objects.filter(pk__in=found).order_by("pk"):
        with lifecycle.edit(
            article, actor=actor, version=None, version_required=False, event="terms_edited"
        ) as current:
            _follow(current, old, new)
    return len(found)


def _follow(article: Article, old: Team, new: Team) -> None:
    if article.team_id == old.pk and article.status != Status.RETIRED:
        article.team = new
    for draft in article.versions.filter(state__in=[VersionStatus.DRAFT, VersionStatus.REVIEW]):
        draft.audience = audiences.without_team(draft.audience, old, new)
        draft.save(update_fields=["audience"])
    wanted = audiences.without_team(article.audience, old, new)
    if wanted != article.audience:
        if article.live is not None:
            live = article.versions.get(number=article.live)
            unlearn(live, article.audience)
            learn(live, wanted)
        article.audience = wanted


def hand_over(person: User, successor: User | None, actor: Actor, at: datetime) -> None:
    """Articles of somebody who leaves are their successor's; without one they are listed as nobody's. Raises nothing.

    What is live keeps its owner until another is named: it always has one.
    """
    if successor is None:
        return
    for article in Article.objects.filter(owner=person).exclude(status=Status.RETIRED).order_by("pk"):
        with lifecycle.edit(
            article, actor=actor, version=None, version_required=False, event="terms_edited"
        ) as current:
            current.owner = successor
