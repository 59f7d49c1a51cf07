"""Pages: see views.py."""

from django.urls import re_path

from itsm.erasure import views

app_name = "erasure"
_LOGIN = r"^(?P<login>[\w.@+-]{1,150})/"
urlpatterns = [
    re_path(f"{_LOGIN}$", views.person, name="person"),
    re_path(f"{_LOGIN}export/$", views.export, name="export"),
    re_path(f"{_LOGIN}export/(?P<pk>[0-9]{{1,18}})/$", views.fetch, name="fetch"),
]
