"""One item: for who may ask for it, for those who work here with its history and its steps; a version; the preview."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from catalog.items import operations, permissions, queries
from catalog.items.forms import draw, files_among, keep_files, sent_answers
from catalog.items.forms.conditions import in_words
from catalog.items.models import CatalogItem, CatalogItemVersion
from catalog.items.operations.entitling import entitlements_of
from catalog.items.queries.differences import tell_content
from catalog.items.views.words import answer_in_words, approval_in_words, entitled_in_words, tasks_in_words
from catalog.items.vocabulary import in_words as price_in_words
from catalog.items.workflow import WORKFLOW
from catalog.services.queries import visible_services
from itsm.accounts.actors import actor_of, actor_permitted
from itsm.audit.recording import timeline
from itsm.files.receiving import MESSAGE, takes_attachments
from itsm.kernel.actors import Actor
from itsm.markdown import to_html
from itsm.ui.activity import activity
from itsm.ui.steps import offered, step_page

step = step_page(WORKFLOW, queries.read_item)


@login_required
def item(request: HttpRequest, slug: str) -> HttpResponse:
    """What can be asked for; those who work here see the newest where none is live."""
    actor = actor_of(request)
    found = queries.read_item(actor, slug)
    return _page(request, found, found.text, actor)


@login_required
def version(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """One of its versions, for those who work here."""
    actor = actor_of(request)
    found = queries.read_item(actor, slug)
    one = queries.versions_of(found).filter(number=int(number)).first() if permissions.staff(actor) else None
    if one is None:
        raise Http404
    return _page(request, found, one, actor)


def _page(request: HttpRequest, found: CatalogItem, shown: CatalogItemVersion, actor: Actor) -> HttpResponse:
    works_here = permissions.staff(actor)
    context: dict[str, Any] = {
        "item": found, "shown": shown, "html": to_html(shown.description), "works_here": works_here,
        "is_live": shown.number == found.live, "bundle": queries.bundle_for(shown, actor),
        "ask_url": queries.address_to_ask(found) if found.live and queries.is_offered(found, actor) else "",
    }  # fmt: skip
    if works_here:
        context |= _for_the_desk(found, shown, actor)
    return render(request, "catalog/items/item.html", context)


def _for_the_desk(found: CatalogItem, shown: CatalogItemVersion, actor: Actor) -> dict[str, Any]:
    labels = _labels(shown)
    return {
        "steps": offered(found, actor, "items:step"),
        "may_write": permissions.writers(actor, found),
        "may_keep": permissions.keepers(actor, found),
        "sections": _sections(shown, labels),
        "approval": approval_in_words(shown, labels),
        "tasks": tasks_in_words(shown, labels),
        "entitled": entitled_in_words(entitlements_of(found)),
        "service": visible_services(actor).filter(pk=shown.service_id).first() if shown.service_id else None,
        "versions": list(queries.versions_of(found)[:20]),
        "events": activity(found, _told(found, _labels(found.newest) | labels)),
    }


def _labels(version: CatalogItemVersion) -> dict[str, Any]:
    """The questions of a version by their keys."""
    return {one["key"]: one for section in version.form["sections"] for one in section["questions"]}


def _told(found: CatalogItem, labels: Any) -> list[Any]:
    entries = list(timeline(found))
    tell_content(entries, lambda condition: in_words(condition, labels))
    return entries


def _sections(shown: CatalogItemVersion, labels: Any) -> list[tuple[Any, str, list[tuple[Any, str]]]]:
    """(section, when it is shown, its questions with when each is)."""
    return [
        (
            section,
            in_words(section["show_when"], labels),
            [(one, in_words(one["show_when"], labels)) for one in section["questions"]],
        )
        for section in shown.form["sections"]
    ]


@takes_attachments(MESSAGE)
@login_required
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """The newest version as who asks would fill it in, and what would become of their answers. Nothing is kept."""
    actor = actor_permitted(request, permissions.staff, "")
    found = queries.read_item(actor, slug)
    newest, judged, raw, wrong, files = found.newest, None, None, {}, {}
    if request.method == "POST":
        raw = sent_answers(newest, request.POST)
        wrong = keep_files(newest, request.FILES, raw, actor=actor, at=timezone.now(), as_requester=True)
        judged = queries.judge(newest, raw, actor=actor, at=timezone.now(), as_requester=True)
        sent = [judged.answers[key] for key in files_among(newest, judged.answers)]
        files = operations.leave_nothing(sent, actor=actor)
        raw |= dict.fromkeys(files_among(newest, raw), "")
    form = draw(newest, actor=actor, raw=raw, errors=judged.errors | wrong if judged else None, as_requester=True)
    labels = _labels(newest)
    context = {
        "item": found, "version": newest, "form": form, "judged": judged, "html": to_html(newest.description),
        "kept": [
            (labels[key]["label"], files.get(value) or answer_in_words(labels[key], value, (raw or {}).get(key)))
            for key, value in (judged.answers if judged else {}).items()
        ],
        "priced": price_in_words(newest.price_minor + judged.surcharge, newest.currency) if judged else "",
    }  # fmt: skip
    status = 422 if judged is not None and (judged.errors or wrong) else 200
    return render(request, "catalog/items/preview.html", context, status=status)
