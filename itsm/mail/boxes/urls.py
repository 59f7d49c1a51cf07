"""Pages: see views.py."""

from django.urls import path, re_path

from itsm.mail.boxes import views

app_name = "mailboxes"
urlpatterns = [
    path("mailboxes/", views.mailboxes, name="list"),
    path("mailboxes/new/", views.new, name="create"),
    path("mailboxes/<slug:slug>/", views.mailbox, name="detail"),
    path("mailboxes/<slug:slug>/test/", views.try_it, name="test"),
    re_path(r"^mailboxes/(?P<slug>[a-z0-9-]{1,63})/(?P<verb>pause|resume)/$", views.turn, name="turn"),
    path("mailboxes/<slug:slug>/sign-in/", views.sign_in, name="sign_in"),
    path("oauth/", views.signed_in, name="signed_in"),
    path("undeliverable/", views.undeliverable, name="undeliverable"),
    path("undeliverable/<int:pk>/lift/", views.lift, name="lift"),
]
