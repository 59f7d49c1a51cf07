"""Pages: see views/. What a phone needs to install it stands at the root, where browsers look for it."""

from django.urls import path, re_path
from django.utils.translation import gettext_lazy as _

from itsm.portal.queries import mine
from itsm.portal.views import announcing, asking, counting, home, phone, wanting
from itsm.ui.context import Entry, offers

app_name = "portal"
_ONE = r"^portal/announcements/(?P<reference>[A-Za-z]{3}-[0-9]{1,12})/"
urlpatterns = [
    path("portal/", home.home, name="home"),
    path("portal/suggested/", home.suggested, name="suggested"),
    path("portal/ask/", asking.ask, name="ask"),
    re_path(r"^portal/ask/(?P<slug>[a-z0-9][a-z0-9-]{0,62})/$", wanting.want, name="want"),
    re_path(r"^portal/ask/(?P<slug>[a-z0-9][a-z0-9-]{0,62})/whom/$", wanting.whom, name="whom"),
    path("portal/mine/", home.mine, name="mine"),
    path("portal/status/", home.status, name="status"),
    path("portal/traces/", counting.note, name="trace"),
    path("reports/portal/", counting.report, name="report"),
    path("portal/announcements/", announcing.announcements, name="announcements"),
    path("portal/announcements/new/", announcing.new, name="announce"),
    re_path(rf"{_ONE}$", announcing.announcement, name="announcement"),
    re_path(rf"{_ONE}edit/$", announcing.edit, name="edit_announcement"),
    re_path(rf"{_ONE}withdraw/$", announcing.withdraw, name="withdraw_announcement"),
    path("offline/", phone.offline, name="offline"),
    path("portal/icon-<int:size>.png", phone.picture, name="icon"),
    path("portal.webmanifest", phone.manifest, name="manifest"),
    path("service-worker.js", phone.worker, name="worker"),
]

offers(
    Entry(
        _("Portal"), "portal:home", "help", "a", place=12, requesters_say=_("Ask"), under="home:desk",
    )
)  # fmt: skip
offers(
    Entry(
        _("My requests"), "portal:mine", "list", "q", place=14, for_staff=False, count=mine.waiting_count,
        marked_in=("incidents", "requests"),
    )
)  # fmt: skip
offers(Entry(_("Status"), "portal:status", "activity", "u", place=48, for_staff=False, marked_in=("catalog",)))
