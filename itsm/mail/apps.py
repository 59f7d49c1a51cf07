from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MailConfig(AppConfig):
    name = "itsm.mail"
    label = "mail"
    settings_pages = (
        ("connections", _("Mailboxes"), _("Which mail becomes incidents and answers."), "mailboxes:list"),
    )
    badges = ("itsm.mail.templatetags.mail",)
    enum_names = {
        "MailboxAuth": "itsm.mail.models.Mailbox.Auth",
        "MailboxSecurity": "itsm.mail.models.Mailbox.Security",
        "MailboxStatus": "itsm.mail.models.Mailbox.Status",
        "IncomingMailStatus": "itsm.mail.reasons.Status",
        "IncomingMailReason": "itsm.mail.reasons.Reason",
        "IncomingMailDid": "itsm.mail.reasons.Did",
    }

    beat = {
        "sweep mail that no row names": {"task": "itsm.mail.tasks.sweep_mail", "schedule": 24 * 3600.0},
    }

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from itsm.accounts import erasing, person_references, team_references
        from itsm.accounts.naming import names_people
        from itsm.clocks import due, late
        from itsm.mail import alarms, applying, fetching, intake, keeping, parking_news, sending, undeliverable
        from itsm.mail.boxes import operations
        from itsm.mail.models import BlockedSender, IncomingMail, Mailbox, OutgoingMail, UndeliverableAddress
        from itsm.notifications import letters, rules, sight
        from itsm.notifications import mail as server
        from itsm.notifications.lanes import Lane
        from itsm.ui import event_texts
        from itsm.work import retention

        due.register(intake.APPLYING, applying.apply_when_due, lane=Lane.INTAKE)
        due.register(fetching.FETCHING, fetching.fetch_when_due, lane=Lane.INTAKE)
        late.register("mailboxes", fetching.unpromised, fetching.promise_again)
        due.register(alarms.KEEPING, alarms.keep_when_due)
        team_references.register("mail.mailbox.team", find=operations.lying_with, follow=operations.follow_team)
        history = {"created": _("added it"), "edited": _("changed it"), "paused": _("paused it"),
                   "resumed": _("resumed it"), "signed_in": _("signed in for it")}  # fmt: skip
        event_texts.tells(Mailbox.kind, events=history)
        lifted = {"found": _("found that nothing arrives there"), "cleared": _("let mail go there again")}
        event_texts.tells(UndeliverableAddress.kind, events=lifted)
        decided = {"retried": _("looked at it once more"), "opened": _("made a record of it"), "taken": _("took it"),
                   "discarded": _("discarded it"), "blocked": _("blocked its sender")}  # fmt: skip
        event_texts.tells(IncomingMail.kind, events=decided)
        event_texts.tells(BlockedSender.kind, events={"unblocked": _("let mail of this sender in again")})
        names_people("mail_incomingmail", "sender_name")
        person_references.register(
            "mail", IncomingMail._meta.verbose_name_plural, count=keeping.count_of_person, follow=keeping.follow_person
        )
        erasing.register(
            "mail_incomingmail.original_gone", count=keeping.count_originals, forget=keeping.forget_originals
        )
        retention.offers(IncomingMail.kind, keeping.KEPT)
        retention.offers(OutgoingMail.kind, keeping.KEPT_OUTGOING)
        rules.register(*parking_news.RULES)
        sight.register(IncomingMail.kind, parking_news.still_read)
        letters.enveloped(sending.carry)
        server.withholds(undeliverable.undeliverable_among)
