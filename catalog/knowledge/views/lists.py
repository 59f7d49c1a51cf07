"""The list, which is also the search: what is live for whoever looks, and for writers what waits for them."""

from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST

from catalog.knowledge import permissions, queries
from catalog.knowledge.models import Article
from catalog.knowledge.queries.searching import Answers, suggest, words_of
from catalog.knowledge.queries.shown import excerpt_of
from catalog.knowledge.vocabulary import Status
from catalog.services.queries import visible_services
from itsm.accounts.actors import actor_of
from itsm.kernel.actors import Actor
from itsm.ui.paging import paged

_FOUND = 20
_TABS: tuple[tuple[str, Any], ...] = (
    ("live", gettext_lazy("Live")),
    ("review", gettext_lazy("To review")),
    ("drafts", gettext_lazy("Drafts")),
    ("overdue", gettext_lazy("Overdue")),
    ("retired", gettext_lazy("Retired")),
)


@login_required
def articles(request: HttpRequest) -> HttpResponse:
    """Searched by `q`; a tab of what stands in which state for those who work here."""
    actor, today = actor_of(request), timezone.localdate()
    works_here, text = permissions.staff(actor), request.GET.get("q", "").strip()[:200]
    tab = request.GET.get("tab", "live") if works_here else "live"
    tab = tab if tab in dict(_TABS) else "live"
    context: dict[str, Any] = {"text": text, "tab": tab, "may_write": permissions.writers(actor), "today": today}
    if works_here:
        known = queries.counts(actor, today)
        context["tabs"] = [(key, label, known.get(key, "")) for key, label in _TABS]
    if text:
        context |= _found(actor, text)
    else:
        page = paged(_in_tab(tab, actor, today), request.GET)
        context |= {"page": page, "lines": [_line(one) for one in page.rows]}
    return render(request, "catalog/knowledge/list.html", {**context, "works_here": works_here})


def _in_tab(tab: str, actor: Actor, today: date) -> QuerySet[Article]:
    seen = queries.visible_articles(actor)
    return {
        "live": seen.filter(live__isnull=False),
        "review": seen.filter(status=Status.REVIEW),
        "drafts": seen.filter(status=Status.DRAFT),
        "overdue": seen.filter(queries.overdue(today)),
        "retired": seen.filter(status=Status.RETIRED),
    }[tab]


def _line(article: Article) -> dict[str, Any]:
    return {"article": article, "excerpt": excerpt_of(article)}


def _found(actor: Actor, text: str) -> dict[str, Any]:
    answers = suggest(actor, text, limit=_FOUND)
    return {
        "lines": [_line(one) for one in answers.articles], "instead": _instead(answers),
        "too_short": not words_of(text),
    }  # fmt: skip


def _instead(answers: Answers) -> list[str]:
    """Mistyped words with what was looked for instead, in words."""
    said = gettext("“%(word)s”: looked for %(others)s.")
    return [said % {"word": word, "others": ", ".join(others)} for word, others in answers.instead.items()]


@login_required
@require_POST
def suggested(request: HttpRequest) -> HttpResponse:
    """What answers a form's words while they are typed: a part. Sent as a form, so that no address holds them."""
    actor = actor_of(request)
    slug = request.POST.get("service", "")[:64]
    service = visible_services(actor).filter(slug=slug).values_list("pk", flat=True).first() if slug else None
    answers = suggest(actor, request.POST.get("title", ""), service_id=service)
    context = {"lines": [_line(one) for one in answers.articles], "instead": _instead(answers)}
    return render(request, "catalog/knowledge/partials/suggested.html", context)
