"""Pages: see views.py."""

from django.urls import path

from catalog.services import views

app_name = "catalog"
urlpatterns = [
    path("", views.services, name="list"),
    path("new/", views.new, name="new"),
    path("<slug:slug>/", views.detail, name="detail"),
    path("<slug:slug>/edit/", views.edit, name="edit"),
    path("<slug:slug>/graph/", views.graph, name="graph"),
]
