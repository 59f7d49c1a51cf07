"""Public status pages are answered before anything else, from files: without session, database or broker.

What is not in the snapshot (pages for some, forms, links of mails) goes on to the desk.
"""

import time
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from itsm.statuspage import places

PREFIX = "/status/"
_FOR_GOOD = "public, max-age=31536000, immutable"
_FOR_NOW = "public, max-age=15, stale-if-error=86400"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
}


class _Release:
    """One release in memory: its files as they were asked for."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.made: datetime
        self.made, self.files = places.read_manifest(name)
        self._bodies: dict[str, bytes] = {}

    def body(self, file_name: str) -> bytes:
        found = self._bodies.get(file_name)
        if found is None:
            found = (places.folder() / places.RELEASES / self.name / file_name).read_bytes()
            self._bodies[file_name] = found
        return found


class ServesSnapshot:
    """The first of the middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self._release: _Release | None = None

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith("/status") and request.method in {"GET", "HEAD"}:
            answer = self._from_snapshot(request)
            if answer is not None:
                return answer
        response = self.get_response(request)
        if response.status_code == 500 and request.path_info.startswith(PREFIX) and not _database_answers():
            return _come_again()
        return response

    def _from_snapshot(self, request: HttpRequest) -> HttpResponse | None:
        if settings.SECURE_SSL_REDIRECT and not request.is_secure():
            return None  # is sent on to https, as everything is
        path = request.path_info.removeprefix(PREFIX) if request.path_info.startswith(PREFIX) else None
        try:
            release = self._served()
            if release is None:
                return None
            if path is None or path not in release.files:
                return _with_slash(request, release)
            return _answer(request, release, path)
        except (OSError, ValueError):  # the folder is gone or half there: the desk answers by itself
            return None

    def _served(self) -> _Release | None:
        name = places.current()
        if not name:
            return None
        if self._release is None or self._release.name != name:
            self._release = _Release(name)
        return self._release


def _database_answers() -> bool:
    try:
        connection.ensure_connection()
        return bool(connection.is_usable())
    except (OperationalError, InterfaceError):
        return False


def _come_again() -> HttpResponse:
    """What is not in the snapshot needs the database, and that is away."""
    said = "This part of the status page is not available right now. Try again in a minute."
    headers = {**_HEADERS, "Retry-After": "60", "Cache-Control": "no-store"}
    return HttpResponse(said, status=503, content_type="text/plain; charset=utf-8", headers=headers)


def _with_slash(request: HttpRequest, release: _Release) -> HttpResponse | None:
    if f"{request.path_info}/".removeprefix(PREFIX) not in release.files or request.path_info.endswith("/"):
        return None
    return HttpResponse(status=301, headers={"Location": f"{request.path}/", "Cache-Control": _FOR_NOW})


def _answer(request: HttpRequest, release: _Release, path: str) -> HttpResponse:
    file = release.files[path]
    zipped = bool(file.zipped) and "gzip" in request.headers.get("Accept-Encoding", "")
    etag = f'"{file.etag}{"-gz" if zipped else ""}"'
    headers = {
        **_HEADERS,
        "ETag": etag,
        "Cache-Control": _FOR_GOOD if path.startswith("assets/") else _FOR_NOW,
        "Vary": "Accept-Encoding",
        "X-Snapshot-Age": str(max(0, int(time.time() - release.made.timestamp()))),
    }
    if not file.content_type.startswith("text/html"):
        headers["Access-Control-Allow-Origin"] = "*"
    if settings.SECURE_HSTS_SECONDS and request.is_secure():
        headers["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains; preload"
    if etag in request.headers.get("If-None-Match", ""):
        return HttpResponse(status=304, headers=headers)
    body = release.body(file.zipped if zipped else file.name)
    if zipped:
        headers["Content-Encoding"] = "gzip"
    headers["Content-Length"] = str(len(body))
    return HttpResponse(body, content_type=file.content_type, headers=headers)
