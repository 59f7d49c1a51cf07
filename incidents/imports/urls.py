"""Pages: see views."""

from django.urls import path

from incidents.imports import views

app_name = "imports"
urlpatterns = [path("<str:reference>/imported/", views.history, name="history")]
