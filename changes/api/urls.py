"""The changes' part of the API."""

from django.urls import URLPattern

from itsm.api.routing import Router

urlpatterns: list[URLPattern] = []


def register(router: Router) -> None:
    pass
