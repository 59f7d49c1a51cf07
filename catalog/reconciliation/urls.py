"""Pages: see views."""

from django.urls import path, re_path

from catalog.reconciliation.views import conflicts, items, runs, sending, sources

app_name = "item_imports"
_ITEM = r"(?P<reference>[A-Za-z]{2}-[0-9]{1,12})"
_RUN = r"(?P<reference>[A-Za-z]{3}-[0-9]{1,12})"
urlpatterns = [
    path("", runs.runs, name="list"),
    path("new/", sending.new, name="new"),
    path("look/", sending.look_at_table, name="look"),
    path("sources/", sources.sources, name="sources"),
    path("sources/precedence/", sources.add_rule, name="add_rule"),
    path("sources/precedence/<int:pk>/remove/", sources.remove_rule, name="remove_rule"),
    path("sources/<slug:slug>/", sources.source, name="source"),
    path("conflicts/", conflicts.conflicts, name="conflicts"),
    path("conflicts/<int:pk>/<str:take>/", conflicts.settle, name="settle"),
    re_path(rf"^of/{_ITEM}/$", items.claims, name="claims"),
    re_path(rf"^of/{_ITEM}/why/$", items.why, name="why"),
    re_path(rf"^of/{_ITEM}/(?P<verb>pin|unpin)/$", items.pin, name="pin"),
    re_path(rf"^of/{_ITEM}/merge/$", items.merge, name="merge"),
    re_path(rf"^of/{_ITEM}/split/$", items.split, name="split"),
    re_path(rf"^{_RUN}/$", runs.run, name="run"),
    re_path(rf"^{_RUN}/(?P<verb>take-in|cancel)/$", runs.go, name="go"),
]
