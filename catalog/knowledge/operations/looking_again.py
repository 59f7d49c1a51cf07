"""What is due on an article: another look by its owner, and its last day."""

from datetime import UTC, date, datetime, time, timedelta

from django.utils.translation import gettext

from catalog.knowledge.models import Article
from catalog.knowledge.operations.telling import tell_about
from catalog.knowledge.queries import is_overdue
from catalog.knowledge.workflow import WORKFLOW
from itsm import lifecycle
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.notifications.sayings import saying as _

REVIEW_DUE = "catalog.article_review_due"
EXPIRES = "catalog.article_expires"
_AGAIN = timedelta(days=30)  # an owner who did not look is told again


def _begin_of(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def plan(article: Article) -> None:
    """Promise another look and the end of a live article, as it says now; of another take the promises back."""
    cancel_plans(article)
    if article.live is None:
        return
    if article.review_on is not None:
        due.schedule(REVIEW_DUE, Article.kind, article.pk, _begin_of(article.review_on + timedelta(days=1)))
    if article.valid_to is not None:
        due.schedule(EXPIRES, Article.kind, article.pk, _begin_of(article.valid_to + timedelta(days=1)))


def cancel_plans(article: Article) -> None:
    """Nothing of it is due any more."""
    due.cancel(Article.kind, article.pk, REVIEW_DUE, EXPIRES)


def remind(article_id: int, at: datetime) -> None:
    """Tell the owner that it is due for another look, and again in a month. Nothing where somebody looked meanwhile."""
    article = _locked(article_id)
    if article is None or not is_overdue(article, at.date()):
        return
    system = Actor.system("knowledge")
    tell_about(article, "review_due", system, _("Is it still right? %(article)s: %(title)s"))
    due.schedule(REVIEW_DUE, Article.kind, article.pk, at + _AGAIN)


def expire(article_id: int, at: datetime) -> None:
    """Retire what was valid until yesterday. Nothing where its last day was moved, or it is retired."""
    article = _locked(article_id)
    if article is None or article.live is None or article.valid_to is None or article.valid_to >= at.date():
        return
    because = gettext("It was valid to %(day)s.") % {"day": article.valid_to.isoformat()}
    WORKFLOW.take("retire", article, actor=Actor.system("knowledge"), at=at, because=because)


def _locked(article_id: int) -> Article | None:
    found = Article.objects.filter(pk=article_id).first()
    return lifecycle.locked(found) if found is not None else None
