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
        from django.utils.translation import gettext_lazy as _

        from itsm.accounts import team_references
        from itsm.clocks import due
        from itsm.mail import alarms, applying, fetching, intake, sending, undeliverable
        from itsm.mail.boxes import operations
        from itsm.mail.models import Mailbox, UndeliverableAddress
        from itsm.notifications import letters
        from itsm.notifications import mail as server
        from itsm.notifications.lanes import Lane
        from itsm.ui import event_texts

        due.register(intake.APPLYING, applying.apply_when_due, lane=Lane.INTAKE)
        due.register(fetching.FETCHING, fetching.fetch_when_due, lane=Lane.INTAKE)
        due.register(alarms.KEEPING, alarms.keep_when_due)
        team_references.register("mail.mailbox.team", find=operations.lying_with, follow=operations.follow_team)
        history = {"created": _("added it"), "edited": _("changed it"), "paused": _("paused it"),
                   "resumed": _("resumed it")}  # fmt: skip
        event_texts.tells(Mailbox.kind, events=history)
        lifted = {"found": _("found that nothing arrives there"), "lifted": _("let mail go there again")}
        event_texts.tells(UndeliverableAddress.kind, events=lifted)
        letters.enveloped(sending.carry)
        server.withholds(undeliverable.undeliverable_among)
