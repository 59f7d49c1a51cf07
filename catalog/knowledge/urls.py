"""Pages: see views/. A slug behind the reference is for people who pass the address on."""

from django.urls import path, re_path
from django.utils.translation import gettext_lazy as _

from catalog.knowledge.views import lists, record, writing
from itsm.ui.context import Entry, offers

app_name = "knowledge"
_ONE = r"^(?P<reference>[A-Za-z]{3}-[0-9]{1,12})/"
_KEY = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
urlpatterns = [
    path("", lists.articles, name="list"),
    path("new/", writing.new, name="new"),
    path("preview/", writing.preview, name="preview"),
    path("suggested/", lists.suggested, name="suggested"),
    re_path(rf"{_ONE}$", record.article, name="detail"),
    re_path(rf"{_ONE}edit/$", writing.edit, name="edit"),
    re_path(rf"{_ONE}terms/$", writing.terms, name="terms"),
    re_path(rf"{_ONE}pictures/$", writing.picture, name="picture"),
    re_path(rf"{_ONE}pictures/(?P<key>{_KEY})/withdraw/$", writing.withdraw_picture, name="withdraw_picture"),
    re_path(rf"{_ONE}vote/$", record.vote, name="vote"),
    re_path(rf"{_ONE}versions/(?P<number>[0-9]{{1,6}})/$", record.version, name="version"),
    re_path(rf"{_ONE}(?P<action>propose|publish|return|revise|discard|confirm|retire)/$", record.step, name="step"),
    re_path(rf"{_ONE}(?P<slug>[-\w]{{1,80}})/$", record.by_slug, name="by_slug"),
]
offers(Entry(_("Knowledge"), "knowledge:list", "book", "k", place=46))
