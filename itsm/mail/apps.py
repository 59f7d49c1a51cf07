from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "itsm.mail"
    label = "mail"
    enum_names = {
        "MailboxAuth": "itsm.mail.models.Mailbox.Auth",
        "MailboxStatus": "itsm.mail.models.Mailbox.Status",
        "IncomingMailStatus": "itsm.mail.reasons.Status",
        "IncomingMailReason": "itsm.mail.reasons.Reason",
        "IncomingMailDid": "itsm.mail.reasons.Did",
    }

    def ready(self) -> None:
        from itsm.clocks import due
        from itsm.mail import applying, intake, sending, undeliverable
        from itsm.notifications import letters
        from itsm.notifications import mail as server

        due.register(intake.APPLYING, applying.apply_when_due)
        letters.enveloped(sending.carry)
        server.withholds(undeliverable.undeliverable_among)
