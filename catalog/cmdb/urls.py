"""Pages of configuration items."""

from django.urls import path, register_converter
from django.utils.translation import gettext_lazy as _

from catalog.cmdb.views import classes, conditions, impact, lists, record, relations
from itsm.ui.context import Entry, offers


class Reference:
    """CI-00042, in capitals or not."""

    regex = "[A-Za-z]{2}-[0-9]{1,12}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class Key:
    """The key of a class."""

    regex = "[a-z][a-z0-9_]{0,39}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Reference, "ci")
register_converter(Key, "ci_class")

app_name = "cis"
urlpatterns = [
    path("", lists.items, name="list"),
    path("items.csv", lists.as_csv, name="csv"),
    path("new/", record.new, name="new"),
    path("classes/", classes.classes, name="classes"),
    path("classes/new/", classes.new_class, name="new_class"),
    path("classes/<ci_class:slug>/", classes.ci_class, name="class"),
    path("classes/<ci_class:slug>/retire/", classes.retire_class, name="retire_class"),
    path("of/<slug:slug>/", impact.for_service, name="for_service"),
    path("of/<slug:slug>/history/", record.history_for_service, name="history_for_service"),
    path("<ci:reference>/", record.item, name="detail"),
    path("<ci:reference>/edit/", record.edit, name="edit"),
    path("<ci:reference>/identifiers/", record.identifiers, name="identifiers"),
    path("<ci:reference>/relate/", relations.relate, name="relate"),
    path("<ci:reference>/relations/<int:pk>/end/", relations.end, name="end"),
    path("<ci:reference>/groups/<int:pk>/", relations.group, name="group"),
    path("<ci:reference>/impact/", impact.page, name="impact"),
    path("<ci:reference>/impact/graph/", impact.graph, name="impact_graph"),
    path("<ci:reference>/impact/layout/", impact.layout, name="impact_layout"),
    path("<ci:reference>/if-it-fails/", record.if_it_fails, name="if_it_fails"),
    path("<ci:reference>/conditions/<int:row>/clear/", conditions.clear, name="clear"),
    path("<ci:reference>/history/<int:row>/explain/", record.explain, name="explain"),
    path("<ci:reference>/<slug:action>/", record.step, name="step"),
]

offers(
    Entry(
        _("Items"), "cis:list", "topology-star-3", "m", place=45, for_requesters=False,
        marked_in=("item_imports", "measures"), under="catalog:list",
    )
)  # fmt: skip
