"""One submit is one record; and what is sent comes back to a page, whatever became of it.

Every form carries a token of its own (`{% csrf_token %}`). The first request that makes something claims it in the
transaction of the effect, as a REST client's Idempotency-Key is claimed; a second one waits for it, makes nothing and
is led to what was made. A refused form keeps its token free: it can be sent again.
"""

import hashlib
import json
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.db import OperationalError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.translation import gettext as _

from itsm.api.idempotency import claim_key, keep_claim, let_go
from itsm.api.models import IdempotencyRecord
from itsm.kernel.errors import DomainError
from itsm.ui.middleware import refused_page
from itsm.ui.refusals import by_script, refusal
from itsm.ui.returning import page_at, return_address

TOKEN = "form_token"  # noqa: S105 -- the name of a field
_LONGEST_TOKEN = 64
_NO_CONTENT = 204

View = TypeVar("View", bound=Callable[..., Any])


class FormSentBefore(DomainError):
    """The form was sent, went well, was changed, and came again: nobody can know whether a second one is meant."""

    code, title, status = "form-sent-before", "This form was sent before", 409


def repeatable(view: View) -> View:
    """For views that ask other systems, or try something out: they run outside of a transaction, as often as sent."""
    view.is_repeatable = True  # type: ignore[attr-defined]
    return view


class OneSubmitOneRecord:
    """Runs what a form sends in the transaction that claims the form's token."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if request.method != "POST" or request.path_info.startswith("/api/") or not request.user.is_authenticated:
            return None
        token = request.POST.get(TOKEN, "")[:_LONGEST_TOKEN]
        if not token.isprintable() or not token or getattr(view, "is_repeatable", False):
            return None
        try:
            return self._once(request, token, lambda: view(request, *args, **kwargs))
        except (DomainError, OperationalError) as error:
            return refused_page(request, error)

    def _once(self, request: HttpRequest, token: str, answer: Callable[[], HttpResponse]) -> HttpResponseBase:
        with transaction.atomic():
            claim, is_new = claim_key(
                f"user-{request.user.pk}", request.path[:200].rstrip("/"), f"form:{token}", _hash(request)
            )
            if not is_new:
                return _led_to_what_was_made(request, claim)
            try:
                response = answer()
            except DomainError as error:
                if not error.keeps_effects:
                    raise
                response = refusal(request, error)
            made = _made(response)
            if made:
                keep_claim(claim, response.status_code, location=made)
            else:
                let_go(claim)
            return response


def _made(response: HttpResponseBase) -> str:
    """Where what was made is found; empty where nothing was. A view that answers with a page says so by `made`."""
    return str(response.get("HX-Redirect") or response.get("Location") or getattr(response, "made", ""))


def _hash(request: HttpRequest) -> str:
    fields = {name: values for name, values in request.POST.lists() if name not in {TOKEN, "csrfmiddlewaretoken"}}
    files = [[name, file.name, file.size] for name, sent in request.FILES.lists() for file in sent]
    return hashlib.sha256(json.dumps([fields, files], sort_keys=True).encode()).hexdigest()


def _led_to_what_was_made(request: HttpRequest, claim: IdempotencyRecord) -> HttpResponse:
    if claim.request_hash != _hash(request):
        raise FormSentBefore(
            _("It was kept when it was sent first. What you changed since is still here and not sent."),
            made=claim.location,
        )
    if getattr(request, "htmx", False):
        return HttpResponse(status=_NO_CONTENT, headers={"HX-Redirect": claim.location})
    return HttpResponseRedirect(claim.location)


class ComesBackToPages:
    """Whoever must sign in first comes back to the page they were on, never to an address for POST alone.

    What js/sending.js sends is answered by an address to go to (`Headroom-Goes-To`) instead of a redirect.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.sign_in = resolve_url(settings.LOGIN_URL)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.path_info.startswith("/api/"):
            return response
        to = response.get("Location", "")
        if to.startswith(f"{self.sign_in}?"):
            return self._sign_in_first(request)
        if to and request.path_info == self.sign_in:
            response["Location"] = to = page_at(to)
        if to and by_script(request):
            return _goes_to(response, to)
        if response.status_code == 405 and request.method == "GET":
            return _nothing_to_read(request, response)
        return response

    def _sign_in_first(self, request: HttpRequest) -> HttpResponse:
        to = f"{self.sign_in}?{urlencode({'next': return_address(request)})}"
        if by_script(request):
            return _goes_to(HttpResponse(), to)
        if not getattr(request, "htmx", False):
            return HttpResponseRedirect(to)
        if request.method != "GET":
            return HttpResponse(status=_NO_CONTENT, headers={"HX-Redirect": to})
        # What asks by itself (news, suggestions) does not take a page away on which somebody may be writing.
        answer = render(request, "components/toast_signed_out.html", {"address": to}, status=401)
        answer["HX-Retarget"], answer["HX-Reswap"] = "#toasts", "beforeend"
        return answer


def _goes_to(response: HttpResponseBase, to: str) -> HttpResponse:
    """The redirect as a header, with the cookies of the answer that it was."""
    answer = HttpResponse(status=_NO_CONTENT, headers={"Headroom-Goes-To": to})
    answer.cookies = response.cookies
    return answer


def _nothing_to_read(request: HttpRequest, response: HttpResponseBase) -> HttpResponse:
    """An address for POST alone, opened by hand: the page above it is one click away."""
    words = {"title": _("Nothing to read here"), "detail": _("This address only takes what a form sends.")}
    page = render(request, "refusal.html", {**words, "back": page_at(request.path)}, status=405)
    page["Allow"] = response.get("Allow", "POST")
    return page
