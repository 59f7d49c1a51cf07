"""One article: the version that a reader gets, its pictures, votes and uses."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from catalog.knowledge.models import Article, ArticleUse, ArticleVersion, ArticleVote
from catalog.knowledge.permissions import overseers, staff, tokens_of
from itsm.files.models import Attachment
from itsm.files.readers import Reading
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.markdown import pictures_in
from itsm.work import linkable


def versions_for(article: Article, actor: Actor) -> QuerySet[ArticleVersion]:
    """The versions that a reader of the article may read, the newest first: others than the live one are for those of
    their own audience who work here, and for who wrote them."""
    rows = article.versions.select_related("published_by").order_by("-number")
    if overseers(actor):
        return rows
    live = Q(number=article.live or 0)
    if not staff(actor):
        return rows.filter(live)
    own = Q(writers__contains=[actor.id]) if actor.id is not None else Q(pk=None)
    return rows.filter(live | own | Q(audience__overlap=tokens_of(actor)))


def version_for(article: Article, actor: Actor, number: int | None = None) -> ArticleVersion | None:
    """The version of this number; without one the live version, or the newest that the reader may read where none is
    live. None where there is none for them."""
    rows = versions_for(article, actor)
    if number is not None:
        return rows.filter(number=number).first()
    return rows.filter(number=article.live or article.number).first() or rows.first()


def pictures_of(article: Article) -> dict[str, Attachment]:
    """Key -> the files that were sent with it."""
    return pictures_of_each([article]).get(article.pk, {})


def pictures_of_each(articles: Sequence[Article]) -> dict[int, dict[str, Attachment]]:
    """Id -> the same of each, where its text shows any. One query, or none."""
    asked = [one.pk for one in articles if "/files/" in one.text.body or len(articles) == 1]
    found: dict[int, dict[str, Attachment]] = defaultdict(dict)
    if asked:
        rows = Attachment.objects.filter(record_kind=Article.kind, record_id__in=asked, withdrawn_at=None)
        for one in rows.select_related("note", "by").order_by("id"):
            found[one.record_id][str(one.key)] = one
    return found


def picture_named(article: Article, key: str) -> Attachment:
    """The file of this key among those that were sent with an article. Raises NotFound, also once it was taken away."""
    found = pictures_of(article).get(key)
    if found is None:
        raise NotFound(gettext("There is no such picture, or it was taken away."))
    return found


def read_by(actor: Actor, article_id: int) -> Reading | None:
    """How an actor reads the pictures of an article: those of the live text as it, all of them where they read drafts.

    Of a picture that stands in no live text a requester is told what they are told of none.
    """
    article = Article.objects.visible_to(actor).filter(pk=article_id).first()
    if article is None:
        return None
    if staff(actor):
        return Reading(article, reads_all=True)
    live = article.versions.filter(number=article.live or 0).values_list("body", flat=True).first() or ""
    return Reading(article, reads_all=False, only=pictures_in(live))


def reads_it(article: Article, actor: Actor) -> bool:
    """Whether this actor may read what is live of it."""
    return Article.objects.live_for(actor).filter(pk=article.pk).exists()


def own_vote(article: Article, actor: Actor) -> bool | None:
    """What this person said of it; None where they said nothing."""
    return own_votes([article], actor).get(article.pk)


def own_votes(articles: Sequence[Article], actor: Actor) -> dict[int, bool]:
    """Id -> the same, of those of which they said something. One query."""
    if actor.id is None:
        return {}
    rows = ArticleVote.objects.filter(article__in=[one.pk for one in articles], person=actor.id)
    return dict(rows.values_list("article_id", "helped"))


def where_used(article: Article, actor: Actor, most: int = 10) -> list[Any]:
    """The records on which it was used last, as far as the actor may see them."""
    rows = list(ArticleUse.objects.filter(article=article).order_by("-id")[: most * 5])
    kinds = {one.record_kind for one in rows}
    seen = {
        kind: linkable.among(actor, kind, [one.record_id for one in rows if one.record_kind == kind]) for kind in kinds
    }
    found = [seen[one.record_kind].get(one.record_id) for one in rows]
    return [one for one in found if one is not None][:most]
