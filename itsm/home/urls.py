"""The desk and what belongs to the whole house."""

from django.urls import path

from itsm.home import views

app_name = "home"
urlpatterns = [path("", views.desk, name="desk")]
