"""Pages: see views.py. They stand below one's profile."""

from django.urls import path, re_path

from itsm.webhooks.slash import views

app_name = "chats"
urlpatterns = [
    path("", views.chats, name="list"),
    re_path(r"^link/(?P<token>[\w:.-]{8,1200})/$", views.link, name="link"),
    path("<int:pk>/end/", views.end, name="end"),
]
