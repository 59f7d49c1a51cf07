"""Pages: see views/."""

from django.urls import path, re_path
from django.utils.translation import gettext_lazy as _

from itsm.agents.views import listing, one
from itsm.ui.context import Entry, offers

app_name = "agents"
_ONE = r"^(?P<login>[\w.@+-]{1,150})/"
urlpatterns = [
    path("", listing.agents, name="list"),
    path("connect/", listing.connect, name="connect"),
    path("stop-all/", listing.shut, name="shut"),
    path("resume-all/", listing.reopen, name="open"),
    re_path(rf"{_ONE}$", one.detail, name="detail"),
    re_path(rf"{_ONE}edit/$", one.edit, name="edit"),
    re_path(rf"{_ONE}tokens/$", one.issue_token, name="issue_token"),
    re_path(rf"{_ONE}tokens/(?P<prefix>[A-Za-z0-9]{{12}})/revoke/$", one.revoke_token, name="revoke_token"),
    re_path(rf"{_ONE}stop/$", one.stop, name="stop"),
    re_path(rf"{_ONE}resume/$", one.resume, name="resume"),
    re_path(rf"{_ONE}end/$", one.end, name="end"),
]

offers(
    Entry(
        _("Software agents"), "agents:list", "robot", "A", place=72,
        for_requesters=False, marked_in=("oauth",), under="accounts:people",
    )
)  # fmt: skip
