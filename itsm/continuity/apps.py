from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContinuityConfig(AppConfig):
    name = "itsm.continuity"
    label = "continuity"
    settings_pages = (
        ("custody", _("Backups"), _("How old they are, and when one was restored on trial."), "continuity:backups"),
    )

    def ready(self) -> None:
        from itsm.continuity.models import ContinuityRun
        from itsm.ui import event_texts

        history = {
            "backup": _("took a backup"),
            "drill": _("restored a backup on trial"),
            "restore": _("restored this desk"),
            "upgrade": _("upgraded this desk"),
        }
        event_texts.tells(ContinuityRun.kind, events=history)
