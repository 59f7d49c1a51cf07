"""The SLO part of the API."""

from itsm.api.routing import Router


def register(router: Router) -> None:
    pass
