"""Pages: see views/."""

from django.urls import path, re_path
from django.utils.translation import gettext_lazy as _

from catalog.items.views import building, lists, parts, record, writing
from itsm.ui.context import Entry, offers

app_name = "items"
_ONE = r"^(?P<slug>[a-z0-9][a-z0-9-]{0,62})/"
_KEY = r"(?P<key>[a-z][a-z0-9_]{0,39})"
urlpatterns = [
    path("", lists.items, name="list"),
    path("new/", lists.new, name="new"),
    re_path(rf"{_ONE}$", record.item, name="detail"),
    re_path(rf"{_ONE}build/$", building.build, name="build"),
    re_path(rf"{_ONE}change/$", building.change, name="change"),
    re_path(rf"{_ONE}sections/{_KEY}/$", parts.part, {"what": "section"}, name="section"),
    re_path(rf"{_ONE}questions/{_KEY}/$", parts.part, {"what": "question"}, name="question"),
    re_path(rf"{_ONE}approval/(?P<key>[0-9]{{1,2}})/$", parts.part, {"what": "step"}, name="step_of_approval"),
    re_path(rf"{_ONE}tasks/{_KEY}/$", parts.part, {"what": "task"}, name="task"),
    re_path(rf"{_ONE}words/$", writing.words, name="words"),
    re_path(rf"{_ONE}terms/$", writing.terms, name="terms"),
    re_path(rf"{_ONE}picture/$", writing.picture, name="picture"),
    re_path(rf"{_ONE}preview/$", record.preview, name="preview"),
    re_path(rf"{_ONE}versions/(?P<number>[0-9]{{1,6}})/$", record.version, name="version"),
    re_path(
        rf"{_ONE.replace('slug', 'reference')}(?P<action>propose|publish|return|revise|discard|retire)/$",
        record.step,
        name="step",
    ),
]
offers(Entry(_("Catalog"), "items:list", "clipboard-check", "y", place=23, for_requesters=False, under="requests:list"))
