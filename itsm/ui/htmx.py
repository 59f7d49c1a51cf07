"""Answers that serve a whole page and a partial request alike."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from itsm.kernel.errors import Conflict, DomainError, InvalidInput, MissingInformation, StaleVersion, WrongState


def went_well(request: HttpRequest, to: str) -> HttpResponse:
    """After a write: go there. htmx is told by a header, so that it loads the page and not a part."""
    if getattr(request, "htmx", False):
        return HttpResponse(status=204, headers={"HX-Redirect": to})
    return HttpResponseRedirect(to)


def part(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, title: str, status: int = 200
) -> HttpResponse:
    """A part that other pages load by its address; opened on its own, it stands in a page with a title."""
    if getattr(request, "htmx", False):
        return render(request, template, dict(context), status=status)
    return render(request, "components/part_page.html", {**context, "part": template, "title": title}, status=status)


@dataclass(slots=True)
class Refused:
    """How the request ended: 422 unless an operation said otherwise."""

    status: int = 422


@contextmanager
def refusals_on(form: BaseForm) -> Iterator[Refused]:
    """What an operation refuses for its input becomes the form's errors, so that nothing typed is lost.

    A stale version too: the form then carries the newest version, so that sending it again means it.
    """
    refused = Refused()
    try:
        yield refused
    except (InvalidInput, MissingInformation, Conflict, WrongState, StaleVersion) as error:
        refused.status = error.status
        _tell(form, error)


def _tell(form: BaseForm, refused: DomainError) -> None:
    errors: Mapping[str, Any] = getattr(refused, "errors", {})
    known = {name: sentences for name, sentences in errors.items() if name in form.fields}
    for name, sentences in known.items():
        form.add_error(name, list(sentences))
    if isinstance(refused, StaleVersion):
        form.data = {**form.data.dict(), "version": refused.extra.get("version", "")}  # type: ignore[union-attr]
        form.add_error(None, _("Somebody changed it since you opened it. What you typed is kept: look at the page, then send it again."))  # noqa: E501
    elif not known:
        form.add_error(None, refused.detail)
