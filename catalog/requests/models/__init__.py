"""What is stored of requests."""

from catalog.requests.models.items import RequestItem
from catalog.requests.models.requests import NEVER, Request, RequestQuerySet
from catalog.requests.models.wanted_changes import WantedChange

__all__ = ["NEVER", "Request", "RequestItem", "RequestQuerySet", "WantedChange"]
