"""Answers that serve a whole page and a partial request alike."""

from collections.abc import Callable, Mapping
from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from itsm.kernel.errors import (
    Conflict,
    DomainError,
    InvalidInput,
    MissingInformation,
    PasswordNeeded,
    StaleVersion,
    WrongState,
)


def redirect_after_write(request: HttpRequest, to: str) -> HttpResponse:
    """After a write: go there. htmx is told by a header, so that it loads the page and not a part."""
    if getattr(request, "htmx", False):
        return HttpResponse(status=204, headers={"HX-Redirect": to})
    return HttpResponseRedirect(to)


def render_partial(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, title: str, status: int = 200, back: Any = None
) -> HttpResponse:
    """A part that other pages load by its address; opened on its own, it stands in a page with a title.

    `back`: the record of whose page it is a part: there it leads back to.
    """
    if getattr(request, "htmx", False):
        return render(request, template, dict(context), status=status)
    page: dict[str, Any] = {**context, "part": template, "title": title}
    if back is not None:
        page |= {"back_url": back.get_absolute_url(), "back_name": str(back)}
    return render(request, "components/part_page.html", page, status=status)


def plain_sentence(text: str, status: int) -> HttpResponse:
    """A sentence alone, for a script that says it beside the line or card that it changed."""
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")


_FOR_THE_FORM = (InvalidInput, MissingInformation, Conflict, WrongState, StaleVersion)


class Refusals:
    """What an operation refuses inside this block becomes the form's errors, so that nothing typed is lost.

    `status` is how to answer then. After a stale version the form carries the newest one, so that
    sending it again means it. What is wrong with a field of a form `beside` it stands there.
    """

    def __init__(self, form: BaseForm, *beside: BaseForm) -> None:
        self.form = form
        self.beside = beside
        self.status = 422

    def __enter__(self) -> "Refusals":
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        in_place = isinstance(error, PasswordNeeded) and getattr(self.form, "asks_proof", False)
        if not isinstance(error, DomainError) or not (isinstance(error, _FOR_THE_FORM) or in_place):
            return False
        self.status = error.status
        if isinstance(error, StaleVersion):
            self._renew(error)
        else:
            self._tell(error)
        return True

    def _tell(self, refused: DomainError) -> None:
        errors: Mapping[str, Any] = getattr(refused, "errors", {})
        placed = [self._place(form, errors) for form in (self.form, *self.beside)]
        if not any(placed):
            self.form.add_error(None, refused.detail)

    @staticmethod
    def _place(form: BaseForm, errors: Mapping[str, Any]) -> bool:
        """Whether some of them are about fields of this form, and stand beside those now."""
        # `week.mon` is the box `mon`, where the form has one of that name.
        named = {(path if path in form.fields else path.rpartition(".")[2]): said for path, said in errors.items()}
        known = {name: sentences for name, sentences in named.items() if name in form.fields}
        for name, sentences in known.items():
            form.add_error(name, list(sentences))
        return bool(known)

    def _renew(self, refused: DomainError) -> None:
        newest = self.form.data.copy()  # type: ignore[attr-defined]  # a QueryDict
        newest["version"] = str(refused.extra.get("version", ""))
        self.form.data = newest
        self.form.stands_now = {  # type: ignore[attr-defined]  # read by {% field %}: theirs beside what stands now
            name: value for name, value in self.form.initial.items() if str(value) != newest.get(name, str(value))
        }
        self.form.add_error(
            None, _("Somebody changed it meanwhile. What you typed is kept: look at the page, then send it again.")
        )


def form_errors_from(form: BaseForm, *beside: BaseForm) -> Refusals:
    """`with form_errors_from(form) as refused: operation(...)`; see Refusals."""
    return Refusals(form, *beside)


def done_or_told(
    request: HttpRequest, form: BaseForm, do: Callable[[], object], to: str, told: Callable[[int], HttpResponse]
) -> HttpResponse:
    """What a form asks for is done, and one goes `to` there; else `told(status)`: the page or part with what was typed.

    Raises what `do` refuses that is no fault of what was typed.
    """
    status = 422
    if form.is_valid():
        with form_errors_from(form) as refused:
            do()
            return redirect_after_write(request, to)
        status = refused.status
    return told(status)


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form was sent with, be it nothing at all; None where the page is only looked at."""
    return request.POST if request.method == "POST" else None


def word_posted(request: HttpRequest, name: str, *known: str, otherwise: str = "") -> str:
    """The word that a button sends, `otherwise` where none is sent; InvalidInput for what is none of those known.

    No view takes an unknown word for one of two.
    """
    said = request.POST.get(name, otherwise)
    if said not in known:
        raise InvalidInput.about(name, _("Say one of: %(words)s.") % {"words": ", ".join(known)})
    return said


def version_posted(request: HttpRequest, name: str = "version") -> int | None:
    """The version of the record that the form was drawn from; None where it says none."""
    sent = request.POST.get(name, "")
    return int(sent) if sent.isdecimal() and len(sent) < 10 else None
