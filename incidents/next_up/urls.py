"""Pages: see views.py."""

from django.urls import path

from incidents.next_up import views

app_name = "next_up"
urlpatterns = [path("next/", views.next_up, name="next")]
