"""Pages: see views.py."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from incidents.mail_in import views
from itsm.ui.context import Entry, offers

app_name = "incident_mail"
urlpatterns = [path("<str:reference>/mail/caller/", views.make_caller, name="make_caller")]

# Who keeps no settings finds here how mail comes in, what waits of it, and where it does not arrive.
offers(
    Entry(
        _("Mail"), "mailboxes:list", "mail", "f", place=21, for_requesters=False, under="incidents:list",
        marked_in=("mail_in",),
    )
)  # fmt: skip
