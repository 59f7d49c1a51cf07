"""Pages: see views.py."""

from django.urls import path

from incidents.answers import views

app_name = "answers"
urlpatterns = [
    path("<str:reference>/answers/", views.answers, name="offered"),
    path("<str:reference>/answers/use/", views.use, name="use"),
]
