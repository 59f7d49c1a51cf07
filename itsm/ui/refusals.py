"""Refusals as people see them: what was wrong, and what they can do next."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from itsm.accounts.looking import looks_as
from itsm.api.problems import problem_response
from itsm.kernel.errors import DomainError, PasswordNeeded
from itsm.security_log import refusal_log
from itsm.ui.returning import return_address


def by_script(request: HttpRequest) -> bool:
    """A whole form sent by js/sending.js: its page stays as it is, whatever comes back."""
    return "Headroom-Form" in request.headers


def refusal(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The page for a refusal; for a partial request only the message, retargeted to the toasts."""
    refusal_log(error.status, error.code, request)
    if isinstance(error, PasswordNeeded) and (led := _led_to_prove(request, error)):
        return led
    context = {"title": error.title, "detail": error.detail, "code": error.code, "extra": error.extra}
    return _shown(request, context, error.status)


def _led_to_prove(request: HttpRequest, error: PasswordNeeded) -> HttpResponse | None:
    """To where people show once more who they are, and from there back to this page. None for what asks by itself (a
    page on which somebody may be writing is not taken away), for a script that wants data, and for who looks with the
    rights of others."""
    partial = getattr(request, "htmx", False)
    wants_page = by_script(request) or "text/html" in request.headers.get("Accept", "text/html")
    if not request.user.is_authenticated or looks_as(request) or not (wants_page or partial):
        return None
    if partial and request.method == "GET":
        return None
    to = f"{reverse('accounts:prove')}?{urlencode({'next': return_address(request)})}"
    messages.info(request, error.detail)
    return HttpResponse(status=204, headers={"HX-Redirect": to}) if partial else HttpResponseRedirect(to)


def _shown(request: HttpRequest, context: dict[str, Any], status: int) -> HttpResponse:
    if not getattr(request, "htmx", False) and not by_script(request):
        back = return_address(request) if request.method == "POST" else ""
        return render(request, "refusal.html", {**context, "back": back}, status=status)
    response = render(request, "components/toast.html", context, status=status)
    response["HX-Retarget"] = "#toasts"
    response["HX-Reswap"] = "beforeend"
    return response


def _plain(request: HttpRequest, status: int, code: str, title: str, detail: str) -> HttpResponse:
    if request.path_info.startswith(("/api/", "/mcp")):
        return problem_response(code, title, status, detail, request_id=getattr(request, "request_id", ""))
    return _shown(request, {"title": title, "detail": detail, "code": code}, status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _plain(request, 400, "malformed", _("The request cannot be read"), _("Go back and try again."))


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _plain(request, 403, "not-permitted", _("You may not do this"), _("Your role does not allow it."))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _plain(
        request, 404, "not-found", _("Nothing here"), _("There is no such page, or you may not see what it shows.")
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Without templates: whatever broke may break them too."""
    request_id = getattr(request, "request_id", "")
    if request.path_info.startswith("/api/"):
        return problem_response("internal", "That was our fault", 500, "It is logged.", request_id=request_id)
    return HttpResponse(
        f"<!doctype html><title>Headroom</title><h1>That was our fault</h1>"
        f"<p>Nothing was lost. It is logged under <code>{request_id}</code>. <a href='/'>Back to the desk</a></p>",
        status=500,
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    refusal_log(403, "form-expired", request)
    return _plain(
        request,
        403,
        "form-expired",
        _("This form has expired"),
        _("The page was open for too long, or in another session. Go back, reload it and send it again."),
    )
