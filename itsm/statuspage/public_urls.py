"""The public's addresses. What the snapshot holds never comes here."""

from django.urls import re_path

from itsm.statuspage import public_views as views

app_name = "status"
_TOKEN = r"(?P<token>[\w:-]{8,120})"  # noqa: S105 -- a pattern
_PAGE = r"^(?P<slug>[a-z0-9-]{1,63})/"
_PATH = r"(?P<path>[a-z0-9./-]{0,120})$"
urlpatterns = [
    re_path(r"^$", views.index, name="index"),
    re_path(r"^assets/(?P<path>[a-z0-9.]{1,40})$", views.asset, name="asset"),
    re_path(rf"^confirm/{_TOKEN}/$", views.confirm, name="confirm"),
    re_path(rf"^unsubscribe/{_TOKEN}/$", views.unsubscribe, name="unsubscribe"),
    re_path(rf"{_PAGE}~(?P<key>[\w-]{{8,80}})/{_PATH}", views.page, name="by_key"),
    re_path(rf"{_PAGE}{_PATH}", views.page, name="page"),
]
