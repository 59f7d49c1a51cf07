"""Requests over REST."""

from catalog.requests.api.attachments import RequestFileViewSet
from catalog.requests.api.items import RequestItemViewSet
from catalog.requests.api.uploads import FormFileViewSet
from catalog.requests.api.viewsets import NUMBER, RequestViewSet
from itsm.api.routing import Router


def register(router: Router) -> None:
    router.register("form-files", FormFileViewSet, basename="form-file")
    router.register(rf"requests/(?P<number>{NUMBER})/attachments", RequestFileViewSet, basename="request-attachment")
    router.register("requests", RequestViewSet, basename="request")
    router.register(rf"requests/(?P<number>{NUMBER})/items", RequestItemViewSet, basename="request-item")
