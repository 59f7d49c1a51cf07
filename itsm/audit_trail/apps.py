"""The audit as people read it, its anchors and checks."""

from celery.schedules import crontab
from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditTrailConfig(AppConfig):
    name = "itsm.audit_trail"
    label = "audit_trail"
    settings_pages = (
        ("custody", _("Audit"), _("Who did what, and whether all of it is as it was written."), "audit:history"),
    )
    beat = {
        "prove the whole history": {
            "task": "itsm.audit_trail.tasks.prove_all",
            "schedule": crontab(hour=3, minute=17),
            "options": {"expires": 3600, "priority": 7},
        },
    }

    def ready(self) -> None:
        from itsm.accounts.reading import noted_by
        from itsm.audit_trail import anchoring, asking, checking, explained, reading
        from itsm.clocks import due, late
        from itsm.notifications import outbox, rules
        from itsm.notifications.lanes import Lane
        from itsm.ui.event_texts import register_event_text

        explained.register()
        noted_by(reading.note)
        register_event_text("confidential.read", _("read this confidential record"))
        due.register(anchoring.DUE, anchoring.anchor_when_due, lane=Lane.INTAKE)
        due.register(asking.DUE, asking.begin_when_due, lane=Lane.BULK)
        rules.register(*checking.RULES)
        register_event_text("user.audit_checked", _("had the whole history checked"))
        late.register("anchors", anchoring.overdue, anchoring.anchor_late)
        outbox.register(anchoring.POST, anchoring.deliver_post, lane=Lane.WEBHOOK)
        outbox.register(anchoring.MAIL, anchoring.deliver_mail, lane=Lane.MAIL)
