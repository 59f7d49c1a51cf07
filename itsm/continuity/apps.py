from celery.schedules import crontab
from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContinuityConfig(AppConfig):
    name = "itsm.continuity"
    label = "continuity"
    settings_pages = (
        ("custody", _("Backups"), _("How old they are, and when one was restored on trial."), "continuity:backups"),
    )

    beat = {
        "tell of old backups": {
            "task": "itsm.continuity.tasks.tell_of_old_backups",
            "schedule": crontab(minute=41),
            "options": {"expires": 3000, "priority": 7},
        },
    }

    def ready(self) -> None:
        from itsm.continuity import telling
        from itsm.continuity.models import ContinuityRun
        from itsm.notifications import rules
        from itsm.ui import event_texts

        history = {
            "backup": _("took a backup"),
            "drill": _("restored a backup on trial"),
            "restore": _("restored this desk"),
            "upgrade": _("upgraded this desk"),
        }
        rules.register(*telling.RULES)
        event_texts.tells(ContinuityRun.kind, events=history)
