"""Votes and uses. They are counted on the article, whose version stays: nobody's edit goes stale by a vote."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext

from catalog.knowledge.models import Article, ArticleUse, ArticleVote
from catalog.knowledge.permissions import appliers, voters
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted, WrongState


@transaction.atomic
def vote(article: Article, *, actor: Actor, helped: bool, at: datetime) -> Article:
    """Whether it helped: one word of a person, which replaces their last one.

    Raises NotPermitted (programs, auditors, who wrote it), WrongState (it is not live).
    """
    current = lifecycle.locked(article)
    if not voters(actor, current):
        words = gettext("Whether %(article)s helped is said by people who did not write it.")
        raise NotPermitted(words % {"article": current.reference})
    _require_live(current)
    before = ArticleVote.objects.filter(article=current, person=actor.id).first()
    if before is not None and before.helped == helped:
        return current
    ArticleVote.objects.update_or_create(article=current, person_id=actor.id, defaults={"helped": helped, "at": at})
    recount(current)
    changes = {"helped": [None if before is None else before.helped, helped]}
    lifecycle.announce(current, "voted", actor=actor, changes=changes, at=at)
    return current


@transaction.atomic
def use_on(article: Article, record: Any, *, actor: Actor, at: datetime) -> Article:
    """Count that it was used on a record, once for each record. The caller found both for the actor.

    Raises NotPermitted, WrongState (it is not live).
    """
    if not appliers(actor):
        raise NotPermitted(gettext("%(name)s uses no articles on records.") % {"name": actor.name})
    current = lifecycle.locked(article)
    _require_live(current)
    _made, is_new = ArticleUse.objects.get_or_create(
        article=current, record_kind=record.kind, record_id=record.pk, defaults={"by_id": actor.id, "at": at}
    )
    if is_new:
        current.uses = current.used.count()
        current.save(update_fields=["uses"])
        lifecycle.announce(current, "used", actor=actor, changes={"record": [None, record.pk]}, at=at)
    return current


def recount(article: Article) -> None:
    """Count the votes of a locked article anew. Raises nothing."""
    rows = ArticleVote.objects.filter(article=article)
    found = rows.aggregate(votes=Count("pk"), helpful=Count("pk", filter=Q(helped=True)))
    article.votes, article.helpful = found["votes"], found["helpful"]
    article.save(update_fields=["votes", "helpful"])


def _require_live(article: Article) -> None:
    if article.live is None:
        said = gettext("%(article)s is not live.") % {"article": article.reference}
        raise WrongState(said, state=article.status)
