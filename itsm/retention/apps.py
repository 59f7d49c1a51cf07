"""Retention: rules of administrators, and the run that keeps them."""

from celery.schedules import crontab
from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RetentionConfig(AppConfig):
    name = "itsm.retention"
    label = "retention"
    settings_pages = (("custody", _("Retention"), _("How long what is over stays."), "retention:rules"),)
    beat = {
        "what is kept no longer": {
            "task": "itsm.retention.tasks.keep_rules",
            "schedule": crontab(hour=2, minute=37),
            "options": {"expires": 3600, "priority": 7},
        },
    }

    def ready(self) -> None:
        from itsm.erasure.models import RecordHold
        from itsm.retention import offered
        from itsm.retention.models import RetentionRule
        from itsm.ui import event_texts

        offered.register()
        history = {
            "created": _("wrote this rule"),
            "deleted": _("took it away"),
            "purged": _("purged what it takes"),
        }
        event_texts.tells(RetentionRule.kind, events=history)
        held = {"created": _("placed a legal hold"), "deleted": _("lifted the legal hold")}
        event_texts.tells(RecordHold.kind, events=held)
