"""Pages of mail that came in: see incoming_views.py."""

from django.urls import path

from itsm.mail import incoming_views as views

app_name = "mail_in"
urlpatterns = [
    path("", views.parked, name="list"),
    path("blocked/<int:number>/lift/", views.unblock, name="unblock"),
    path("<int:number>/", views.mail, name="mail"),
    path("<int:number>/pictures/", views.with_pictures, name="with_pictures"),
    path("<int:number>/original/", views.original, name="original"),
    path("<int:number>/decide/", views.decide, name="decide"),
]
