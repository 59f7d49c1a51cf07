"""Pages: see views.py."""

from django.urls import path

from itsm.macros import views

app_name = "macros"
urlpatterns = [
    path("", views.macros, name="list"),
    path("new/", views.new, name="new"),
    path("templates/new/", views.new_template, name="new_template"),
    path("templates/<slug:slug>/", views.template, name="template"),
    path("templates/<slug:slug>/delete/", views.delete_template, name="delete_template"),
    path("<slug:slug>/", views.macro, name="macro"),
    path("<slug:slug>/try/", views.try_out, name="try"),
    path("<slug:slug>/delete/", views.delete, name="delete"),
]
