"""The page's side of refusals and of time: one translation for every view."""

import logging
import zoneinfo
from collections.abc import Callable

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone

from itsm.kernel.errors import DomainError, Unavailable, said_by_the_database
from itsm.ui.refusals import refusal

logger = logging.getLogger(__name__)


def refused_page(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """The page, or the toast, for what an operation or the database refused; None for what is no refusal."""
    if isinstance(error, DomainError):
        return refusal(request, error)
    if isinstance(error, OperationalError):
        logger.warning("database busy or away at a page: %s", said_by_the_database(error))
        return refusal(request, Unavailable("The database is busy or away. Nothing was changed; try again."))
    return None


class RefusalsBecomePages:
    """A domain refusal raised in a view becomes a page, or a toast for a partial request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return refused_page(request, error)


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
