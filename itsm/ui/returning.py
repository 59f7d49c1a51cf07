"""Where people come back to: after signing in, after a refusal, after an address that only takes what is sent.

A return address is a page that answers GET. The address of a form that is sent (a note, a step, an edit in place) is
none: whoever was led there after signing in would see nothing, and lose what they wrote.
"""

import inspect
from collections.abc import Callable
from typing import Any
from urllib.parse import urlunsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme

from itsm.notifications.web_addresses import parts_of

_LONGEST = 2000


def return_address(request: HttpRequest) -> str:
    """The page that a person looks at while this request is made, as path and query: never one for POST alone.

    A partial request names its page (HX-Current-URL), a form that was sent names it as its referrer; both are
    believed only for this site. Without one, it is the nearest page above the address that was asked.
    """
    if getattr(request, "htmx", False):
        named = request.headers.get("HX-Current-URL", "")
    elif request.method in {"GET", "HEAD"}:
        named = request.get_full_path()
    else:
        named = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(named, _our_host(request)):
        named = request.path
    return page_at(named)


def _our_host(request: HttpRequest) -> set[str]:
    """None where the request names a host that is not ours: its refusal is a page as well."""
    try:
        return {request.get_host()}
    except DisallowedHost:
        return set()


def page_at(address: str) -> str:
    """This address where it is a page that answers GET, else the nearest one above it; the desk at last."""
    parts = parts_of(address)
    if _answers_get(parts.path) and len(address) <= _LONGEST:
        return urlunsplit(("", "", parts.path, parts.query, parts.fragment))
    path = parts.path.rstrip("/")
    while "/" in path:
        path = path.rpartition("/")[0]
        if _answers_get(f"{path}/"):
            return f"{path}/"
    return resolve_url(settings.LOGIN_REDIRECT_URL)


def _answers_get(path: str) -> bool:
    """Whether this is the address of a page; those of signing in and out are nowhere to come back to."""
    if path == resolve_url(settings.LOGIN_URL) or path.startswith("//"):
        return False
    try:
        found = resolve(path)
    except Resolver404:
        return False
    return "GET" in _methods(found.func)


def _methods(view: Callable[..., Any] | None) -> set[str]:
    """The methods that a view takes: as its class says, or django's `require_http_methods` around it."""
    kind = getattr(view, "view_class", None)
    if kind is not None:
        return {name.upper() for name in kind.http_method_names if hasattr(kind, name)}
    while view is not None:
        allowed = inspect.getclosurevars(view).nonlocals.get("request_method_list")
        if allowed is not None:
            return set(allowed)
        view = getattr(view, "__wrapped__", None)
    return {"GET", "POST"}
