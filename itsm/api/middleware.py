"""What every request gets first: an id, limits that no parser has to think about, and that nobody keeps its answer."""

import re
import secrets
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from itsm.api.problems import problem_response

_USABLE_ID = re.compile(r"^[A-Za-z0-9._-]{8,64}\Z", re.ASCII)
_LENGTH = re.compile(r"^\d{0,18}\Z", re.ASCII)


class RequestLimits:
    """Gives the request an id (kept from X-Request-ID where usable), refuses NUL and oversized bodies."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        offered = request.headers.get("X-Request-ID", "")
        request_id = offered if _USABLE_ID.match(offered) else secrets.token_hex(8)
        request.request_id = request_id  # type: ignore[attr-defined]
        response = self._refusal(request) or self.get_response(request)
        response["X-Request-ID"] = request_id
        return response

    def _refusal(self, request: HttpRequest) -> HttpResponse | None:
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return problem_response(
                "malformed", "The request cannot be read", 400, "The address holds a NUL character."
            )
        length = str(request.META.get("CONTENT_LENGTH") or "")
        if not _LENGTH.match(length):
            return problem_response("malformed", "The request cannot be read", 400, "Content-Length is no number.")
        if not length and request.META.get("HTTP_TRANSFER_ENCODING"):
            # Without a length Django reads nothing: the body would be ignored, not refused.
            return problem_response("length-required", "Say how long the body is", 411, "Send Content-Length.")
        limit = _limit(request.path_info)
        if int(length or 0) > limit:
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


def _limit(path: str) -> int:
    """Bytes that a body may have: pages that take files take larger ones, which are kept on disk meanwhile."""
    if any(re.fullmatch(one, path) for one in settings.FILE_UPLOAD_PATHS):
        return settings.FILE_UPLOAD_MOST_BYTES
    return settings.DATA_UPLOAD_MAX_MEMORY_SIZE
