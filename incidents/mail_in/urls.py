"""Pages: see views.py."""

from django.urls import path

from incidents.mail_in import views

app_name = "incident_mail"
urlpatterns = [path("<str:reference>/mail/caller/", views.make_caller, name="make_caller")]
