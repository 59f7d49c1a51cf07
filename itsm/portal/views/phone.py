"""What makes the portal an app on a phone: a manifest, and a service worker that knows one page: "you are offline".

Nothing else is kept in the phone: what was read stays on the server.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

_PUBLIC = "public, max-age=3600"


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """The same for everybody: names of no person and no company."""
    icon = {"src": static("headroom/mark.svg"), "sizes": "any", "type": "image/svg+xml"}
    said = {
        "id": reverse("portal:home"), "name": _("Headroom portal"), "short_name": "Headroom",
        "start_url": reverse("portal:home"), "scope": "/", "display": "standalone",
        "background_color": "#f3f5f8", "theme_color": "#2563cf",
        "icons": [{**icon, "purpose": "any"}, {**icon, "purpose": "maskable"}],
    }  # fmt: skip
    return JsonResponse(said, content_type="application/manifest+json", headers={"Cache-Control": _PUBLIC})


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
