"""Pages of capacity."""

from django.urls import path, re_path

from catalog.capacity import views

app_name = "measures"
urlpatterns = [
    path("", views.measures, name="list"),
    path("new/", views.new, name="new"),
    re_path(r"^of/(?P<reference>[A-Za-z]{2}-[0-9]{1,12})/$", views.of_item, name="of_item"),
    path("service/<slug:slug>/", views.for_service, name="for_service"),
    path("<slug:slug>/", views.measure, name="detail"),
    path("<slug:slug>/picture/", views.picture, name="picture"),
    path("<slug:slug>/edit/", views.edit, name="edit"),
    path("<slug:slug>/forecast/", views.forecast, name="forecast"),
    re_path(r"^(?P<slug>[a-z0-9-]{1,63})/(?P<verb>retire|revive)/$", views.keep, name="keep"),
]
