"""The page's side of refusals and of time: one translation for every view."""

import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
from django.utils import timezone

from itsm.kernel.errors import DomainError, Unavailable
from itsm.ui.refusals import refusal


class RefusalsBecomePages:
    """A domain refusal raised in a view becomes a page, or a toast for a partial request.

    Where a session has ended under an open page, a partial request loads the page anew: the sign-in
    page inside of a card would help nobody.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if getattr(request, "htmx", False) and response.get("Location", "").startswith(resolve_url(settings.LOGIN_URL)):
            return HttpResponse(status=204, headers={"HX-Refresh": "true"})
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, DomainError):
            return refusal(request, error)
        if isinstance(error, OperationalError):
            return refusal(request, Unavailable("The database is busy or away. Nothing was changed; try again."))
        return None


class PersonalTimeZone:
    """Times on pages are shown in the person's own zone; the exact instant stands beside them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        name = getattr(request.user, "time_zone", "UTC") if request.user.is_authenticated else "UTC"
        try:
            zone = zoneinfo.ZoneInfo(name)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            zone = zoneinfo.ZoneInfo("UTC")
        with timezone.override(zone):
            return self.get_response(request)
