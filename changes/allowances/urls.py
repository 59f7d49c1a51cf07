"""Pages of allowances."""

from django.urls import path, re_path

from changes.allowances.views import pages

app_name = "allowances"
urlpatterns = [
    path("", pages.allowances, name="list"),
    path("of/<slug:slug>/", pages.for_service, name="for_service"),
    re_path(r"^of-agent/(?P<login>[\w.@+-]{1,150})/$", pages.for_agent, name="for_agent"),
    path("<int:pk>/", pages.allowance, name="detail"),
    path("<int:pk>/take-back/", pages.take_back, name="take_back"),
]
