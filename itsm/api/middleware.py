"""What every request gets first: an id, limits that no parser has to think about, and that nobody keeps its answer."""

import re
import secrets
from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import Resolver404, resolve

from itsm.api.problem_types import HTTPS_NEEDED
from itsm.api.problems import problem_response

ViewT = TypeVar("ViewT", bound=Callable[..., Any])
_USABLE_ID = re.compile(r"^[A-Za-z0-9._-]{8,64}\Z", re.ASCII)
_LENGTH = re.compile(r"^\d{0,18}\Z", re.ASCII)


_OF_PROGRAMS = ("/api/", "/scim/", "/mcp")


class RequestLimits:
    """Gives the request an id (kept from X-Request-ID where usable), refuses NUL and oversized bodies."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        offered = request.headers.get("X-Request-ID", "")
        request_id = offered if _USABLE_ID.match(offered) else secrets.token_hex(8)
        request.request_id = request_id  # type: ignore[attr-defined]
        refused = self._refusal(request)
        if refused is None:
            _receive_as_wanted(request)
        response = refused or self.get_response(request)
        response["X-Request-ID"] = request_id
        return response

    def _refusal(self, request: HttpRequest) -> HttpResponse | None:
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return problem_response(
                "malformed", "The request cannot be read", 400, "The address holds a NUL character."
            )
        if settings.SECURE_SSL_REDIRECT and not request.is_secure() and request.path_info.startswith(_OF_PROGRAMS):
            return problem_response(
                HTTPS_NEEDED, "Speak https", 403, "What you sent could be read on the way: renew the token."
            )
        length = str(request.META.get("CONTENT_LENGTH") or "")
        if not _LENGTH.match(length):
            return problem_response("malformed", "The request cannot be read", 400, "Content-Length is no number.")
        if not length and request.META.get("HTTP_TRANSFER_ENCODING"):
            # Without a length Django reads nothing: the body would be ignored, not refused.
            return problem_response("length-required", "Say how long the body is", 411, "Send Content-Length.")
        size = int(length or 0)
        if size > settings.DATA_UPLOAD_MAX_MEMORY_SIZE and size > (limit := _limit(request.path_info)):
            return problem_response("too-large", "The body is too large", 413, f"Bodies end at {limit} bytes.")
        return None


class NotStored:
    """Nothing that was made for somebody is kept by a browser or a proxy. Static files, which are the same for
    everybody, are answered further out and are kept; a view that says otherwise is believed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store"
        return response


def takes_files(view: ViewT) -> ViewT:
    """Say of a view, or of a viewset, that a body may be a file there, and larger; it is kept on disk meanwhile."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view


def _limit(path: str) -> int:
    """Bytes that a body may have at this address."""
    try:
        view: Any = resolve(path).func
    except Resolver404:
        return settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    view = getattr(view, "cls", view)
    if not getattr(view, "takes_files", False):
        return settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return getattr(view, "largest_body", settings.FILE_UPLOAD_MAX_BYTES)


def _receive_as_wanted(request: HttpRequest) -> None:
    """A view may say by `upload_handler` where files go as they come; before anybody reads the body."""
    if request.content_type != "multipart/form-data":
        return
    try:
        view: Any = resolve(request.path_info).func
    except Resolver404:
        return
    handler = getattr(getattr(view, "cls", view), "upload_handler", None)
    if handler is not None:
        request.upload_handlers = [handler(request)]
