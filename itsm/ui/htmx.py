"""Answers that serve a whole page and a partial request alike."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from itsm.kernel.errors import Conflict, DomainError, InvalidInput, MissingInformation, WrongState


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


@contextmanager
def refusals_on(form: BaseForm) -> Iterator[None]:
    """What an operation refuses for its input becomes the form's errors, so that nothing typed is lost."""
    try:
        yield
    except (InvalidInput, MissingInformation, Conflict, WrongState) as refused:
        _tell(form, refused)


def _tell(form: BaseForm, refused: DomainError) -> None:
    errors: Mapping[str, Any] = getattr(refused, "errors", {})
    known = {name: sentences for name, sentences in errors.items() if name in form.fields}
    for name, sentences in known.items():
        form.add_error(name, list(sentences))
    if not known:
        form.add_error(None, refused.detail)
