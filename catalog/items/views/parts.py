"""One part of an item in the builder: a section, a question, a step of the approval, a task."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from catalog.items import operations, queries
from catalog.items.formats import building
from catalog.items.forms.conditions import ConditionForm
from catalog.items.forms.plans import StepForm, TaskForm, step_as_typed, task_as_typed
from catalog.items.forms.questions import QuestionForm, SectionForm, as_typed
from catalog.items.models import CatalogItem
from catalog.items.views.building import REFUSED, part_of, said_of, written_by
from itsm.fields.vocabulary import ASKED_BY
from itsm.kernel.errors import StaleVersion
from itsm.ui.htmx import posted, redirect_after_write

Make = Callable[[CatalogItem, dict[str, Any], Any], Any]


def _section(found: CatalogItem, part: dict[str, Any], data: Any) -> SectionForm:
    asked = building.earlier(found.newest.form, "section", part["key"])
    begun = {"title": part["title"], "help": part["help"], "version": found.version}
    return SectionForm(data, questions=asked, stands=part["show_when"], initial=begun)


def _question(found: CatalogItem, part: dict[str, Any], data: Any) -> QuestionForm:
    asked = building.earlier(found.newest.form, "question", part["key"])
    currency = found.newest.currency
    begun = as_typed(part, currency, found.version)
    return QuestionForm(
        data, questions=asked, stands=part["show_when"], type_=part["type"], currency=currency, initial=begun
    )


def _step(found: CatalogItem, part: dict[str, Any], data: Any) -> StepForm:
    asked = building.earlier(found.newest.form, "", "")
    return StepForm(data, questions=asked, stands=part["when"], initial=step_as_typed(part, found.version))


def _task(found: CatalogItem, part: dict[str, Any], data: Any) -> TaskForm:
    asked = building.earlier(found.newest.form, "", "")
    others = [one for one in found.newest.fulfilment["tasks"] if one["key"] != part["key"]]
    return TaskForm(
        data, questions=asked, stands=part["when"], others=others, models=queries.change_models() or {},
        initial=task_as_typed(part, found.version),
    )  # fmt: skip


_MAKERS: dict[str, Make] = {"section": _section, "question": _question, "step": _step, "task": _task}


@login_required
def part(request: HttpRequest, slug: str, what: str, key: str) -> HttpResponse:
    """Written by a form of its own; what is wrong with the whole is said there, and nothing typed is lost."""
    found, actor = written_by(request, slug)
    stands = part_of(found, what, key)
    form, wrong, status = _MAKERS[what](found, stands, posted(request)), [], 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            name = building.PARTS[what]
            document = building.replaced(getattr(found.newest, name), what, key, form.said())
            version = form.cleaned_data["version"]
            try:
                operations.edit_item(found, actor=actor, version=version, at=timezone.now(), **{name: document})
            except REFUSED as error:
                wrong, status = said_of(error, found, {name: document}), error.status
                if isinstance(error, StaleVersion):
                    _renew(form, error)
            else:
                return redirect_after_write(request, f"{reverse('items:build', args=[slug])}#{what}-{key}")
    return render(request, "catalog/items/part.html", _context(found, what, key, stands, form, wrong), status=status)


def _renew(form: ConditionForm, stale: StaleVersion) -> None:
    """What was typed stays; sent again, it is meant for what stands now."""
    newest = form.data.copy()  # type: ignore[attr-defined]  # a QueryDict
    newest["version"] = str(stale.extra.get("version", ""))
    form.data = newest


def _context(
    found: CatalogItem, what: str, key: str, stands: dict[str, Any], form: ConditionForm, wrong: list[str]
) -> dict[str, Any]:
    type_ = dict(ASKED_BY)[stands["type"]] if what == "question" else ""
    asked = [{"key": one["key"], "label": one["label"]} for one in building.earlier(found.newest.form, "", "")]
    return {
        "item": found, "what": what, "key": key, "part": stands, "form": form, "wrong": wrong, "type": type_,
        "named": _named(what, key, stands), "placeholders": asked if what == "task" else [], "known": form.known,
    }  # fmt: skip


def _named(what: str, key: str, stands: dict[str, Any]) -> str:
    if what == "step":
        return gettext("Step %(number)d of the approval") % {"number": int(key) + 1}
    return str(stands["label"] if what == "question" else stands["title"])
