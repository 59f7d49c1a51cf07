"""What the public asks that no snapshot answers: pages for some, what a form sends, the links of mails.

None of these reads a session to let somebody in but the pages for who is signed in; none needs a cookie.
"""

import hmac
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from itsm.api.proxies import client_address
from itsm.kernel.errors import InvalidInput, NotFound
from itsm.statuspage import tokens
from itsm.statuspage.models import StatusPage
from itsm.statuspage.operations import subscribing
from itsm.statuspage.operations.keeping import hash_of
from itsm.statuspage.public.reading import read_page
from itsm.statuspage.public.rendering import File, asset_files, html, index_of, link_page, makers_of
from itsm.statuspage.public.shapes import PublicPage
from itsm.statuspage.vocabulary import Visibility

_MAX_CHOSEN = 200
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
View = Callable[..., HttpResponse]


def _for_the_public(view: View) -> View:
    """Without it: 503; without what is asked for: 404, the same for all that is not there or not for them. Nothing of
    the desk either way."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Http404:
            return _link_page("nothing", 404, back=request.path)
        except (OperationalError, InterfaceError):
            said = "This part of the status page is not available right now. Try again in a minute."
            return HttpResponse(said, status=503, content_type="text/plain", headers={"Retry-After": "60"})

    return answered


def _sent(file: File, status: int = 200, *, kept: str = "no-store") -> HttpResponse:
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": kept, "Referrer-Policy": "same-origin"}
    return HttpResponse(file.body, status=status, content_type=file.content_type, headers=headers)


@require_safe
@_for_the_public
def index(request: HttpRequest) -> HttpResponse:
    """All public pages, where no snapshot was made yet."""
    at = timezone.now()
    pages = StatusPage.objects.filter(visibility=Visibility.PUBLIC, retired_at=None).order_by("name", "pk")
    return _sent(index_of([read_page(page, at) for page in pages]))


@require_safe
def asset(request: HttpRequest, path: str) -> HttpResponse:
    """The look of a page, where no snapshot was made yet."""
    file = asset_files().get(f"assets/{path}")
    if file is None:
        raise Http404
    return _sent(file, kept="public, max-age=31536000, immutable")


@csrf_exempt  # nobody is let in by a cookie: what is sent asks for a mail, whoever sends it
@require_http_methods(["GET", "HEAD", "POST"])
@_for_the_public
def page(request: HttpRequest, slug: str, path: str = "", key: str = "") -> HttpResponse:
    """A page, or a file below it, as it stands now: for who may read it, to all others as if there were none."""
    found = _readable(request, slug, key)
    shown = read_page(found, timezone.now(), f"~{key}/" if key else "")
    if request.method == "POST":
        if path != "subscribe/":
            raise Http404
        return _asked_for(request, found, shown)
    make = makers_of(shown).get(path)
    if make is None:
        raise Http404
    return _sent(make())


def _readable(request: HttpRequest, slug: str, key: str) -> StatusPage:
    found = StatusPage.objects.filter(slug=slug, retired_at=None).first()
    if found is None or not _may_read(request, found, key):
        raise Http404
    return found


def _may_read(request: HttpRequest, found: StatusPage, key: str) -> bool:
    if found.visibility == Visibility.KEY and key:
        return hmac.compare_digest(found.key_hash, hash_of(key))
    if key:
        return False
    return found.visibility == Visibility.PUBLIC or request.user.is_authenticated


def _asked_for(request: HttpRequest, found: StatusPage, shown: PublicPage) -> HttpResponse:
    address, chosen = request.POST.get("address", "")[:300], request.POST.getlist("component")[:_MAX_CHOSEN]
    try:
        subscribing.subscribe(
            found, address=address, everything=not chosen,
            components=chosen, at=timezone.now(),
            asked_from=client_address(request),
        )  # fmt: skip
    except InvalidInput as error:
        said = [sentence for sentences in error.errors.values() for sentence in sentences]
        return _sent(html("subscribe", shown, 1, errors=said or [error.detail], typed=address), 400)
    return _sent(html("subscribe", shown, 1, done=True), 202)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@_for_the_public
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The link of a mail: looking changes nothing, the button says yes."""
    at = timezone.now()
    found = tokens.to_confirm(token, at)
    if found is None:
        return _void()
    done = False
    if request.method == "POST":
        try:
            subscribing.confirm(found, at=at)
        except NotFound:
            return _void()
        done = True
    return _link_page("confirm", done=done, name=found.page.name)


@csrf_exempt  # RFC 8058: the mail program of whoever leaves has no cookie, and follows no redirect
@require_http_methods(["GET", "HEAD", "POST"])
@_for_the_public
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """One click: a POST ends it, by whatever sends it; looking changes nothing."""
    found = tokens.to_leave(token)
    if found is None:
        return _void()
    done = False
    if request.method == "POST":
        try:
            subscribing.unsubscribe(found)
        except NotFound:
            return _void()
        done = True
    return _link_page("unsubscribe", done=done, name=found.page.name)


def _void() -> HttpResponse:
    return _link_page("void", 404)


def _link_page(template: str, status: int = 200, **said: Any) -> HttpResponse:
    return _sent(link_page(template, **said), status)
