"""Pages: see views.py."""

from django.urls import path, re_path

from catalog.agreements import views

app_name = "agreements"
urlpatterns = [
    path("", views.agreements, name="list"),
    path("new/", views.new, name="new"),
    re_path(r"^(?P<pk>[0-9]{1,18})/$", views.agreement, name="detail"),
    re_path(r"^(?P<pk>[0-9]{1,18})/(?P<verb>retire|revive)/$", views.keep, name="keep"),
]
