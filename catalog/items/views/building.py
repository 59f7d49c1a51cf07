"""The builder: what an item asks, who approves it, what is done; part by part, in the draft beside what is live."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from catalog.items import operations, permissions, queries
from catalog.items.formats import building
from catalog.items.forms.conditions import in_words
from catalog.items.forms.questions import NewQuestionForm, key_of
from catalog.items.models import CatalogItem
from catalog.items.views.words import approval_in_words, tasks_in_words
from itsm.accounts.actors import actor_of
from itsm.fields.form.document import FormRefused
from itsm.fields.vocabulary import ASKED_BY, WITH_OPTIONS
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, DomainError, InvalidInput, NotPermitted, StaleVersion, WrongState
from itsm.ui.htmx import redirect_after_write, version_posted, word_posted

REFUSED = (InvalidInput, Conflict, WrongState, StaleVersion)


def written_by(request: HttpRequest, slug: str) -> tuple[CatalogItem, Actor]:
    """The item, for who may write in it. Raises NotFound, NotPermitted."""
    actor = actor_of(request)
    found = queries.read_item(actor, slug)
    if not permissions.writers(actor, found):
        raise NotPermitted(gettext("Its team, service owners and change managers write in it."))
    return found, actor


@login_required
def build(request: HttpRequest, slug: str) -> HttpResponse:
    """All parts of the newest version, each with what can be done to it."""
    found, actor = written_by(request, slug)
    return page(request, found, actor)


def page(
    request: HttpRequest, found: CatalogItem, actor: Actor, *, wrong: list[str] | None = None, status: int = 200
) -> HttpResponse:
    """The builder, with what was wrong with what somebody wanted to do."""
    newest = found.newest
    labels = {one["key"]: one for section in newest.form["sections"] for one in section["questions"]}
    types = dict(ASKED_BY)
    sections = [
        {
            "section": section,
            "when": in_words(section["show_when"], labels),
            "questions": [
                (one, types[one["type"]], in_words(one["show_when"], labels)) for one in section["questions"]
            ],
        }
        for section in newest.form["sections"]
    ]
    context = {
        "item": found, "version": newest, "wrong": wrong or [], "types": ASKED_BY,
        "sections": sections, "questions": len(labels), "approval": approval_in_words(newest, labels),
        "tasks": tasks_in_words(newest, labels),
        "may_publish": permissions.publishers(actor, found),
    }  # fmt: skip
    return render(request, "catalog/items/build.html", context, status=status)


def said_of(error: DomainError, found: CatalogItem, documents: dict[str, Any] | None = None) -> list[str]:
    """What was refused, with the names of the parts where it is."""
    if isinstance(error, StaleVersion):
        return [gettext("Somebody changed it meanwhile: look at what stands now, then do it again.")]
    if not isinstance(error, FormRefused):
        return [error.detail]
    newest = found.newest
    stands = {"form": newest.form, "approval": newest.approval, "fulfilment": newest.fulfilment}
    return building.in_words(error.paths, {**stands, **(documents or {})})


@login_required
@require_POST
def change(request: HttpRequest, slug: str) -> HttpResponse:
    """Move a part up or down, take it away, or add one."""
    found, actor = written_by(request, slug)
    deed = word_posted(request, "do", "up", "down", "remove", "add")
    what = word_posted(request, "what", *building.PARTS)
    name = building.PARTS[what]
    document, key = getattr(found.newest, name), request.POST.get("key", "")[:40]
    new_key = ""
    try:
        if deed == "add":
            document, new_key = _with_new(request, found, what)
        elif deed == "remove":
            document = building.removed(document, what, key)
        else:
            document = building.moved(document, what, key, by=-1 if deed == "up" else 1)
        operations.edit_item(found, actor=actor, version=version_posted(request), at=timezone.now(), **{name: document})
    except REFUSED as error:
        return page(request, found, actor, wrong=said_of(error, found, {name: document}), status=error.status)
    if new_key and what != "section":
        route = "items:step_of_approval" if what == "step" else f"items:{what}"
        return redirect_after_write(request, reverse(route, args=[found.slug, new_key]))
    if deed == "remove":
        messages.success(request, gettext("It is taken out of the draft."))
    return redirect_after_write(request, f"{reverse('items:build', args=[found.slug])}#{what}-{new_key or key}")


def _with_new(request: HttpRequest, found: CatalogItem, what: str) -> tuple[dict[str, Any], str]:
    """The document with another part, and the key of that one."""
    newest = found.newest
    document = getattr(newest, building.PARTS[what])
    title = request.POST.get("title", "").strip()[:80]
    if what == "step":
        parts = [{"who": "manager", "value": "", "quorum": "any"}]
        made = building.added(document, what, {"when": None, "rule": "all", "parts": parts})
        return made, str(len(made["steps"]) - 1)
    if what == "task":
        key = key_of(title, [one["key"] for one in document["tasks"]])
        return building.added(document, what, _task(key, title)), key
    if what == "section":
        key = key_of(title, [one["key"] for one in document["sections"]])
        made = {"key": key, "title": title, "help": "", "show_when": None, "questions": []}
        return building.added(document, what, made), key
    return _with_question(request, document)


def _with_question(request: HttpRequest, document: dict[str, Any]) -> tuple[dict[str, Any], str]:
    form = NewQuestionForm(request.POST)
    if not form.is_valid():
        raise InvalidInput(gettext("Say what is asked, and how it is answered."))
    given = form.cleaned_data
    key = key_of(given["label"], [one["key"] for section in document["sections"] for one in section["questions"]])
    first = {"key": "first", "label": gettext("First option"), "surcharge": 0}
    options = [first] if given["type"] in WITH_OPTIONS else []
    new = {
        "key": key, "label": given["label"], "help": "", "type": given["type"], "rules": {}, "options": options,
        "required": False, "default": None, "from_person": "", "show_when": None, "audience": "public",
    }  # fmt: skip
    return building.added(document, "question", new, section=given["section"]), key


def _task(key: str, title: str) -> dict[str, Any]:
    return {
        "key": key, "title": title, "kind": "work", "after": [], "when": None, "team": "", "mandatory": True,
        "change_model": "", "values": {},
    }  # fmt: skip


def part_of(found: CatalogItem, what: str, key: str) -> dict[str, Any]:
    """A part of the newest version. Raises Http404 where there is none of this key."""
    try:
        return building.part(getattr(found.newest, building.PARTS[what]), what, key)
    except InvalidInput as error:
        raise Http404 from error
