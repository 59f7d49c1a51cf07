"""The steps of an article's life. Each writes the article and its version in one transaction."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from catalog.knowledge.models import Article, ArticleVersion
from catalog.knowledge.operations.looking_again import cancel_plans, plan
from catalog.knowledge.operations.telling import tell_about
from catalog.knowledge.operations.words import learn, unlearn
from catalog.knowledge.vocabulary import REVIEW_DAYS, VersionStatus
from catalog.knowledge.workflow import WORKFLOW
from itsm import lifecycle
from itsm.accounts.operations import require_active
from itsm.accounts.raised import require_not_raised
from itsm.kernel.actors import Actor
from itsm.notifications.sayings import saying as _


@WORKFLOW.takes("propose")
@transaction.atomic
def propose(article: Article, *, actor: Actor, version: int | None = None) -> Article:
    """Ask another person to look at it. Raises NotPermitted, WrongState, StaleVersion, MissingInformation."""
    with lifecycle.step(article, "propose", actor=actor, version=version) as current:
        _move_newest(current, VersionStatus.REVIEW)
    tell_about(current, "proposed", actor, _("Review %(article)s: %(title)s"), current.newest.title)
    return current


@WORKFLOW.takes("publish")
@transaction.atomic
def publish(article: Article, *, actor: Actor, at: datetime, version: int | None = None) -> Article:
    """It is live from now on, and what was live before is outdated.

    Raises NotPermitted (who wrote in it, or was let in by one of them; programs), WrongState, StaleVersion,
    MissingInformation, Conflict (its owner left).
    """
    with lifecycle.step(article, "publish", actor=actor, version=version) as current:
        require_not_raised(actor, current.writers, reference=current.reference)
        require_active(current.owner)
        if current.live is not None:
            _put_down(current, VersionStatus.OUTDATED)
        newest = current.versions.get(number=current.number)
        newest.state, newest.published_by_id, newest.published_at = VersionStatus.PUBLISHED, actor.id, at
        newest.save(update_fields=["state", "published_by", "published_at"])
        current.live, current.published_at = current.number, at
        current.title, current.symptoms, current.audience = newest.title, newest.symptoms, newest.audience
        today = timezone.localdate(at)
        if current.review_on is not None and current.review_on <= today:
            current.review_on = today + timedelta(days=REVIEW_DAYS)
        learn(newest, current.audience)
        plan(current)
    tell_about(current, "published", actor, _("%(article)s is published: %(title)s"), current.title)
    return current


@WORKFLOW.takes("return")
@transaction.atomic
def return_to_writers(article: Article, *, actor: Actor, because: str, version: int | None = None) -> Article:
    """It is a draft again, with what should be changed. Raises NotPermitted, WrongState, StaleVersion."""
    with lifecycle.step(article, "return", actor=actor, version=version, remark=because) as current:
        _move_newest(current, VersionStatus.DRAFT)
    tell_about(current, "returned", actor, _("%(article)s is returned: %(title)s"), because)
    return current


@WORKFLOW.takes("revise")
def revise(article: Article, *, actor: Actor, at: datetime, version: int | None = None) -> Article:
    """Begin another version beside the live one, with its text. Raises NotPermitted, WrongState, StaleVersion."""
    with lifecycle.step(article, "revise", actor=actor, version=version) as current:
        begin_version(current, actor, at)
    return current


@WORKFLOW.takes("discard")
def discard(article: Article, *, actor: Actor, version: int | None = None) -> Article:
    """The draft beside the live version is not wanted; it is kept among the versions.

    Raises NotPermitted, WrongState, StaleVersion, MissingInformation (nothing is live).
    """
    with lifecycle.step(article, "discard", actor=actor, version=version) as current:
        if current.live is not None:
            _move_newest(current, VersionStatus.DISCARDED)
            current.number = current.live
            current.writers = current.versions.get(number=current.live).writers
    return current


@WORKFLOW.takes("confirm")
def confirm(article: Article, *, actor: Actor, at: datetime, version: int | None = None) -> Article:
    """Somebody looked: it is still right, and is looked at again in a year.

    Raises NotPermitted, WrongState, StaleVersion.
    """
    with lifecycle.step(article, "confirm", actor=actor, version=version) as current:
        current.review_on = timezone.localdate(at) + timedelta(days=REVIEW_DAYS)
        plan(current)
    return current


@WORKFLOW.takes("retire")
@transaction.atomic
def retire(article: Article, *, actor: Actor, because: str = "", version: int | None = None) -> Article:
    """Nobody is offered it any more; a draft beside it is discarded. Raises NotPermitted, WrongState, StaleVersion."""
    with lifecycle.step(article, "retire", actor=actor, version=version, remark=because) as current:
        if current.live != current.number:
            _move_newest(current, VersionStatus.DISCARDED)
        if current.live is not None:
            _put_down(current, VersionStatus.RETIRED)
        current.live = None
        cancel_plans(current)
    tell_about(current, "retired", actor, _("%(article)s is retired: %(title)s"), because or current.title)
    return current


def begin_version(article: Article, actor: Actor, at: datetime) -> ArticleVersion:
    """The next version as a draft with the text of the newest, in the caller's step. Raises nothing."""
    known = list(article.versions.order_by("-number"))
    wanted = [one for one in known if one.state != VersionStatus.DISCARDED]
    text = next((one for one in known if one.number == article.live), (wanted or known)[0])
    article.number, article.edited_at = known[0].number + 1, at
    article.writers = [actor.person_id] if actor.person_id is not None else []
    return ArticleVersion.objects.create(
        article=article, number=article.number, language=text.language, title=text.title, symptoms=text.symptoms,
        body=text.body, audience=article.audience, writers=article.writers, written_at=at,
    )  # fmt: skip


def _move_newest(article: Article, to: VersionStatus) -> None:
    article.versions.filter(number=article.number).update(state=to)


def _put_down(article: Article, to: VersionStatus) -> None:
    """What was live is live no more, and its words are nobody's."""
    live = article.versions.get(number=article.live or 0)
    unlearn(live, article.audience)
    live.state = to
    live.save(update_fields=["state"])
