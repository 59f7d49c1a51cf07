"""Pages: see views.py."""

from django.urls import path, re_path
from django.utils.translation import gettext_lazy as _

from catalog.improvement import views
from itsm.ui.context import Entry, offers

app_name = "improvements"
_ONE = r"^(?P<reference>[A-Za-z]{3}-[0-9]{1,12})/"
urlpatterns = [
    path("", views.improvements, name="list"),
    path("new/", views.new, name="new"),
    re_path(rf"{_ONE}$", views.improvement, name="detail"),
    re_path(rf"{_ONE}edit/$", views.edit, name="edit"),
    re_path(rf"{_ONE}links/$", views.link, name="link"),
    re_path(rf"{_ONE}(?P<action>accept|start|finish|conclude|drop)/$", views.step, name="step"),
]
offers(
    Entry(
        _("Improvements"), "improvements:list", "trending-up", "v", place=56, for_requesters=False,
        under="problems:list",
    )
)  # fmt: skip
