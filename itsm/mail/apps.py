from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "itsm.mail"
    label = "mail"
    enum_names = {
        "MailboxAuth": "itsm.mail.models.Mailbox.Auth",
        "MailboxStatus": "itsm.mail.models.Mailbox.Status",
    }
