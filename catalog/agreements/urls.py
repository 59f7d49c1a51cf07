"""Pages: see views/. Offerings have an address of their own."""

from django.urls import path, re_path

from catalog.agreements import views

app_name = "agreements"
urlpatterns = [
    path("", views.agreements, name="list"),
    path("new/", views.new, name="new"),
    path("of/<slug:slug>/", views.for_service, name="for_service"),
    path("of/<slug:slug>/in-short/", views.in_short, name="in_short"),
    re_path(r"^of-item/(?P<reference>CI-[0-9]{1,12})/$", views.of_item, name="of_item"),
    re_path(r"^(?P<pk>[0-9]{1,18})/$", views.agreement, name="detail"),
    re_path(r"^(?P<pk>[0-9]{1,18})/(?P<verb>retire|revive)/$", views.keep, name="keep"),
]
OFFERINGS = (
    [
        path("", views.offerings, name="list"),
        path("new/<slug:slug>/", views.new_offering, name="new"),
        re_path(r"^(?P<pk>[0-9]{1,18})/$", views.offering, name="detail"),
        re_path(r"^(?P<pk>[0-9]{1,18})/(?P<verb>retire|revive)/$", views.keep_offering, name="keep"),
    ],
    "offerings",
)
