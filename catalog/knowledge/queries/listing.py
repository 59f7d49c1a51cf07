"""Articles in lists, in search, and in what people and teams answer for."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext

from catalog.knowledge.models import Article, ArticleVersion
from catalog.knowledge.permissions import overseers
from catalog.knowledge.vocabulary import Status
from itsm.accounts import audiences
from itsm.accounts.actors import actor_for
from itsm.accounts.duties import Duty
from itsm.accounts.models import Team, User
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import NotFound
from itsm.kernel.references import number_in
from itsm.search import offers

if TYPE_CHECKING:
    from catalog.services.models import Service

_EVERY = "article:every"


def visible_articles(actor: Actor) -> QuerySet[Article]:
    """What this actor may see, with the text that readers get, the newest first. Two queries."""
    text = ArticleVersion.objects.filter(number=Coalesce(F("article__live"), F("article__number")))
    seen = Article.objects.visible_to(actor).select_related("owner", "team", "service").order_by("-id")
    return seen.prefetch_related(Prefetch("versions", text, to_attr="shown"))


def by_reference(actor: Actor, text: str) -> Article:
    """KNO-31 among what the actor may see. Raises NotFound."""
    number = number_in(text, "KNO")
    found = visible_articles(actor).filter(pk=number).first() if number is not None else None
    if found is None:
        raise NotFound(gettext("There is no article %(text)s, or you may not see it.") % {"text": text[:20]})
    return found


def overdue(today: date) -> Q:
    """Live ones that should have been looked at again by `today`."""
    return Q(live__isnull=False, review_on__lt=today)


def is_overdue(article: Article, today: date) -> bool:
    """The same of one that was read."""
    return article.live is not None and article.review_on is not None and article.review_on < today


def counts(actor: Actor, today: date) -> dict[str, int]:
    """How many of what this actor sees wait for a review, are drafts, are overdue. One statement."""
    seen = Article.objects.visible_to(actor).order_by()
    return seen.aggregate(
        review=Count("pk", filter=Q(status=Status.REVIEW)),
        drafts=Count("pk", filter=Q(status=Status.DRAFT)),
        overdue=Count("pk", filter=overdue(today)),
    )


def as_found(article: Article) -> offers.Entry:
    """How search finds it: a live one by its audience, another by those of its audience who work here."""
    return offers.Entry(
        article.title,
        article.get_absolute_url(),
        article.symptoms,
        audience=_found_by(article),
        about=offers.service(article.service_id),
        is_over=article.status == Status.RETIRED,
    )


def _found_by(article: Article) -> tuple[str, ...]:
    kept = {_EVERY, *offers.user(article.owner_id), *offers.user(article.created_by_id)}
    if article.live is not None:
        met = {*article.audience, *((audiences.STAFF,) if audiences.ALL in article.audience else ())}
    else:  # a team's requesters do not find its drafts
        met = {audiences.STAFF} if {audiences.ALL, audiences.STAFF} & {*article.audience} else set()
    return tuple(sorted(met | kept))


def every_token(actor: Actor) -> list[str]:
    """The token of those who see every article."""
    return [_EVERY] if overseers(actor) else []


def still_read(user: Any, told: dict[int, set[str]]) -> set[tuple[int, str]]:
    """Of news of articles those that this person may read now."""
    seen = set(Article.objects.visible_to(actor_for(user, Door.TASK)).filter(pk__in=told).values_list("pk", flat=True))
    return {(pk, relation) for pk, relations in told.items() if pk in seen for relation in relations}


def owned_by(person: User) -> list[Duty]:
    """Articles that somebody answers for, for who wants to deactivate them."""
    rows = Article.objects.filter(owner=person).exclude(status=Status.RETIRED).order_by("id")
    words = gettext("has an owner who left")
    return [Duty(gettext("article"), one.reference, one.title, one.get_absolute_url(), words, True) for one in rows]


def of_team(team: Team) -> list[Duty]:
    """Articles of a team, or for it, for who wants to merge or retire it."""
    ours = Q(team=team) | Q(audience__contains=[f"team:{team.pk}"])
    rows = Article.objects.filter(ours).exclude(status=Status.RETIRED).order_by("id")
    words = gettext("stays with a retired team")
    return [Duty(gettext("article"), one.reference, one.title, one.get_absolute_url(), words) for one in rows]


def audience_in_words(audience: list[str]) -> str:
    """Whom an article is for, for people. One query where teams are named."""
    if audiences.ALL in audience:
        return gettext("everybody who can sign in")
    names = Team.objects.filter(pk__in=audiences.teams_in([audience])).order_by("name").values_list("name", flat=True)
    if audiences.STAFF in audience or not names:
        return gettext("who works here")
    return gettext("%(teams)s alone") % {"teams": ", ".join(names)}


def is_discreet(article: Article) -> bool:
    """Whether histories of other records, which requesters read, leave its name out: it is not for everybody."""
    return article.live is None or audiences.ALL not in article.audience


def articles_overdue(service: "Service | None", at: datetime) -> int:
    """How many live ones, of a service or of all, should have been looked at again by the day of `at`."""
    found = Article.objects.filter(overdue(at.date()))
    return (found.filter(service=service) if service is not None else found).count()
