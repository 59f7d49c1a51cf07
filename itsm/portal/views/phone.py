"""What makes the portal an app on a phone: a manifest, and a service worker that knows one page: "you are offline".

Nothing else is kept in the phone: what was read stays on the server.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from itsm.kernel.errors import NotFound
from itsm.portal.icons import SIZES, icon

_PUBLIC = "public, max-age=3600"


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """The same for everybody: names of no person and no company."""
    mark = {"src": static("headroom/mark.svg"), "sizes": "any", "type": "image/svg+xml"}
    said = {
        "id": reverse("portal:home"), "name": _("Headroom portal"), "short_name": "Headroom",
        "start_url": reverse("portal:home"), "scope": "/", "display": "standalone",
        "background_color": "#f3f5f8", "theme_color": "#2563cf",
        "icons": [{**mark, "purpose": "any"}, {**mark, "purpose": "maskable"}, *_pictures()],
    }  # fmt: skip
    return JsonResponse(said, content_type="application/manifest+json", headers={"Cache-Control": _PUBLIC})


def _pictures() -> list[dict[str, str]]:
    return [
        {"src": reverse("portal:icon", args=[size]), "sizes": f"{size}x{size}", "type": "image/png"} for size in SIZES
    ]


@require_safe
def picture(request: HttpRequest, size: int) -> HttpResponse:
    """The mark as PNG, for phones that take no SVG (iOS); 404 for a size that nobody names."""
    if size not in SIZES:
        raise NotFound(_("There is no icon of that size."))
    return HttpResponse(icon(size), content_type="image/png", headers={"Cache-Control": _PUBLIC})


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker: its scope is where it lies, so it lies at the root."""
    response = render(request, "portal/service_worker.js", content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What is shown without a network: of nobody, so that it may be kept."""
    response = render(request, "portal/offline.html")
    response["Cache-Control"] = _PUBLIC
    return response
