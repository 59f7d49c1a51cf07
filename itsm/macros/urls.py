"""Pages: see views.py."""

from django.urls import path

from itsm.macros import views

app_name = "macros"
urlpatterns = [
    path("", views.macros, name="list"),
    path("add/", views.new, name="add"),
    path("templates/add/", views.new_template, name="add_template"),
    path("templates/<slug:slug>/", views.template, name="template"),
    path("templates/<slug:slug>/delete/", views.delete_template, name="delete_template"),
    path("<slug:slug>/", views.macro, name="macro"),
    path("<slug:slug>/try/", views.try_out, name="try"),
    path("<slug:slug>/delete/", views.delete, name="delete"),
]
