"""One article: read, voted on, and its steps."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from catalog.knowledge import operations, permissions, queries
from catalog.knowledge.models import Article, ArticleVersion
from catalog.knowledge.queries.origins import origin_of
from catalog.knowledge.queries.searching import factor_of_votes
from catalog.knowledge.workflow import WORKFLOW
from catalog.services.queries import visible_services
from itsm.accounts.actors import actor_of
from itsm.audit.recording import timeline
from itsm.kernel.actors import Actor
from itsm.markdown import to_html
from itsm.ui.activity import activity
from itsm.ui.htmx import redirect_after_write
from itsm.ui.steps import offered, step_page
from itsm.work.linking import linked_to

step = step_page(WORKFLOW, queries.by_reference)


@login_required
def article(request: HttpRequest, reference: str) -> HttpResponse:
    """The live version for readers; those who work here see the newest where none is live."""
    actor = actor_of(request)
    found = queries.by_reference(actor, reference)
    return _page(request, found, found.text, actor)


@login_required
def by_slug(request: HttpRequest, reference: str, slug: str) -> HttpResponse:
    """An address with words in it, old ones too, leads to the article."""
    return redirect(queries.by_reference(actor_of(request), reference))


@login_required
def version(request: HttpRequest, reference: str, number: str) -> HttpResponse:
    """One of its versions, for those who work here and may read it."""
    actor = actor_of(request)
    found = queries.by_reference(actor, reference)
    one = queries.version_for(found, actor, int(number))
    if one is None:
        raise Http404
    return _page(request, found, one, actor)


def _page(request: HttpRequest, found: Article, shown: ArticleVersion, actor: Actor) -> HttpResponse:
    works_here = permissions.staff(actor)
    pictures = queries.pictures_of(found) if "/files/" in shown.body else {}
    context: dict[str, Any] = {
        "article": found, "shown": shown, "html": to_html(shown.body, pictures=pictures),
        "is_live": shown.number == found.live, "works_here": works_here,
        "own_vote": queries.own_vote(found, actor), "may_vote": permissions.voters(actor, found),
        "service": _service(found, actor),
    }  # fmt: skip
    if works_here:
        context |= _for_the_desk(found, actor)
    return render(request, "catalog/knowledge/article.html", context)


def _service(article: Article, actor: Actor) -> Any:
    """Its service, where the reader may see that."""
    return visible_services(actor).filter(pk=article.service_id).first() if article.service_id else None


def _for_the_desk(article: Article, actor: Actor) -> dict[str, Any]:
    today = timezone.localdate()
    return {
        "steps": offered(article, actor, "knowledge:step"),
        "may_write": permissions.writers(actor),
        "may_keep": permissions.keepers(actor, article),
        "audience": queries.audience_in_words(article.audience),
        "versions": list(queries.versions_for(article, actor)[:20]),
        "origin": origin_of(article, actor),
        "links": linked_to(article, actor),
        "uses": queries.where_used(article, actor),
        "is_overdue": queries.is_overdue(article, today),
        "share": round(100 * article.helpful / article.votes) if article.votes else None,
        "factor": round(factor_of_votes(article), 3),
        "events": activity(article, timeline(article)),
    }


@login_required
@require_POST
def vote(request: HttpRequest, reference: str) -> HttpResponse:
    """Whether it helped."""
    actor = actor_of(request)
    found = queries.by_reference(actor, reference)
    helped = request.POST.get("helped") == "yes"
    operations.vote(found, actor=actor, helped=helped, at=timezone.now())
    messages.success(request, gettext("Thank you: answers that helped are offered first."))
    return redirect_after_write(request, found.get_absolute_url())
