"""Beginning an article and writing in it. Text goes into a draft; whose it is and how long it holds changes at once."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from catalog.knowledge.models import Article, ArticleVersion
from catalog.knowledge.operations.looking_again import plan
from catalog.knowledge.operations.steps import begin_version
from catalog.knowledge.permissions import keepers, writers
from catalog.knowledge.queries.origins import begun_from
from catalog.knowledge.vocabulary import REVIEW_DAYS, Language, Status
from itsm import lifecycle, markdown
from itsm.accounts import audiences
from itsm.accounts.models import Team, User
from itsm.accounts.operations import require_active, require_standing
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted, WrongState

if TYPE_CHECKING:
    from catalog.services.models import Service

TEXT = ("title", "symptoms", "body", "audience", "language")
TERMS = ("owner", "team", "service", "review_on", "valid_to")


@transaction.atomic
def create_article(
    *,
    actor: Actor,
    at: datetime,
    title: str = "",
    symptoms: str = "",
    body: str = "",
    audience: list[str] | None = None,
    language: str = Language.ENGLISH,
    origin: str = "",
    owner: User | None = None,
    team: Team | None = None,
    service: "Service | None" = None,
    review_on: date | None = None,
    valid_to: date | None = None,
) -> Article:
    """A draft, for who works here unless an `audience` is said. `origin`: the reference of the record that it is made
    from, which fills in what is not said. Without an owner the writer is it.

    Raises NotPermitted, InvalidInput (what cannot be drawn, an odd audience, no such origin), Conflict (an owner who is
    not active, a retired team).
    """
    if not writers(actor):
        raise _may_not_write(actor)
    record, given = begun_from(actor, origin) if origin else (None, None)
    if given is not None:
        title, symptoms, body = title or given.title, symptoms or given.symptoms, body or given.body
        service, audience = service or given.service, audience or given.audience
    if owner is None and actor.is_human:
        owner = User.objects.get(pk=actor.account_id)
    today = timezone.localdate(at)
    said = {"title": title.strip(), "symptoms": symptoms, "body": body}
    _require_drawable(said)
    article = Article(
        title=said["title"], symptoms=symptoms, audience=audiences.normal(audience or [audiences.STAFF]),
        owner=owner, team=team, service=service, valid_to=valid_to, edited_at=at, created_by_id=actor.id,
        review_on=review_on or today + timedelta(days=REVIEW_DAYS), writers=_with([], actor),
        origin_kind=record.kind if record is not None else "", origin_id=record.pk if record is not None else None,
    )  # fmt: skip
    _check_terms(article, {"owner": owner, "team": team, "review_on": review_on, "valid_to": valid_to}, today)
    lifecycle.require_readable(article)
    article.save(force_insert=True)
    ArticleVersion.objects.create(
        article=article, number=1, language=language, audience=article.audience, writers=article.writers,
        written_at=at, **said,
    )  # fmt: skip
    made_from = {"origin": [None, record.reference]} if record is not None else {}
    return lifecycle.created(article, actor=actor, changes={"title": [None, article.title], **made_from})


@transaction.atomic
def edit_article(article: Article, *, actor: Actor, version: int | None, at: datetime, **said: Any) -> Article:
    """Write in it (`title symptoms body audience language`) or change its terms (`owner team service review_on
    valid_to`). Text of an article that is live goes into a draft beside it, which readers do not see.

    Raises NotPermitted, InvalidInput, Conflict, WrongState (its newest version is being reviewed), StaleVersion,
    VersionRequired.
    """
    text = {name: said[name] for name in TEXT if name in said}
    terms = {name: said[name] for name in TERMS if name in said}
    if not writers(actor) and (text or not keepers(actor, article)):
        raise _may_not_write(actor)
    if terms and not keepers(actor, article):
        words = gettext("Its owner, its team, service owners and change managers say whose %(article)s is.")
        raise NotPermitted(words % {"article": article.reference})
    current = lifecycle.locked(article)
    lifecycle.check_version(current, version, required=True)
    if "audience" in text:
        text["audience"] = audiences.normal(text["audience"])
    if terms := _changed(current, terms):
        _change_terms(current, terms, actor, at)
        current = lifecycle.locked(article)
    newest = current.versions.select_for_update(no_key=True).get(number=current.number)
    if text := _changed(newest, text):
        _write(current, text, actor, at)
    return lifecycle.locked(article)


def _changed(record: Any, said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if getattr(record, name) != value}


def _change_terms(article: Article, terms: Mapping[str, Any], actor: Actor, at: datetime) -> None:
    if article.live is not None and not all(terms.get(name, 1) for name in ("owner", "review_on")):
        raise InvalidInput.about(
            "owner" if "owner" in terms and terms["owner"] is None else "review_on",
            gettext("What is live has an owner and a day on which it is looked at again."),
        )
    _check_terms(article, terms, timezone.localdate(at))
    with lifecycle.edit(article, actor=actor, version=article.version, event="terms_edited") as current:
        for name, value in terms.items():
            setattr(current, name, value)
    plan(current)


def _check_terms(article: Article, terms: Mapping[str, Any], today: date) -> None:
    if (owner := terms.get("owner")) is not None:
        require_active(owner)
        if not owner.is_human:
            raise InvalidInput.about("owner", gettext("An owner is a person."))
    require_standing(terms.get("team"))
    for name in ("review_on", "valid_to"):
        day = terms.get(name)
        if day is not None and not today <= day <= today + timedelta(days=3660):
            raise InvalidInput.about(name, gettext("Name a day from today on, within ten years."))


def _write(article: Article, text: dict[str, Any], actor: Actor, at: datetime) -> None:
    if article.status == Status.REVIEW:
        said = gettext("%(article)s is being reviewed: return it first, then write in it.")
        raise WrongState(said % {"article": article.reference}, state=article.status, available=["return"])
    if "title" in text:
        text["title"] = text["title"].strip()
    _require_drawable(text)
    if article.status != Status.DRAFT:
        with lifecycle.step(article, "revise", actor=actor, locked_by_caller=True) as current:
            begin_version(current, actor, at)
    draft = article.versions.select_for_update(no_key=True).get(number=article.number)
    for name, value in text.items():
        setattr(draft, name, value)
    draft.written_at, draft.writers = at, _with(draft.writers, actor)
    lifecycle.require_readable(draft)
    draft.save(update_fields=[*text, "written_at", "writers"])
    with lifecycle.edit(article, actor=actor, version=article.version) as current:
        current.edited_at, current.writers = at, draft.writers
        if current.live is None:
            current.title, current.symptoms, current.audience = draft.title, draft.symptoms, draft.audience


def _with(people: list[int], actor: Actor) -> list[int]:
    """The ids of the natural persons who wrote: a program counts as its owner."""
    return sorted({*people, *([actor.person_id] if actor.person_id is not None else [])})


def _require_drawable(text: Mapping[str, Any]) -> None:
    if not text.get("title", "x"):
        raise InvalidInput.about("title", gettext("Give it a title: the question that it answers."))
    if (sentence := markdown.refusal(text.get("body", ""))) is not None:
        raise InvalidInput.about("body", sentence)


def _may_not_write(actor: Actor) -> NotPermitted:
    words = gettext("%(name)s writes no articles: agents, engineers, service owners and change managers do.")
    return NotPermitted(words % {"name": actor.name})
