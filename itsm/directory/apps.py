from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DirectoryConfig(AppConfig):
    name = "itsm.directory"
    label = "directory"
    enum_names = {"SyncOutcome": "itsm.directory.vocabulary.Outcome"}
    beat = {
        "promise syncs of directories": {
            "task": "itsm.directory.tasks.look_after",
            "schedule": 60.0,
            "options": {"expires": 50, "priority": 5},
        },
    }

    def ready(self) -> None:
        from itsm.accounts import erasing
        from itsm.clocks import due
        from itsm.directory import checking, forgetting, running, syncing
        from itsm.directory.event_texts import HISTORY
        from itsm.directory.forms import DirectoryForm
        from itsm.directory.models import DirectorySync
        from itsm.identity import protocols
        from itsm.identity.vocabulary import Protocol
        from itsm.ui import event_texts

        speaks = protocols.Speaks(
            checked=checking.checked, form=lambda: DirectoryForm, shown=checking.shown, tries="directory:sync",
            hint=_("People sign in here with their company's password; who leaves is out within minutes."),
        )  # fmt: skip
        protocols.register(Protocol.LDAP, speaks)
        due.register(syncing.SYNCING, running.sync_when_due)
        due.register(syncing.PREVIEWING, running.show_when_due)
        event_texts.tells(DirectorySync.kind, events=HISTORY)
        erasing.register("directory_syncrun.lines", count=forgetting.count, forget=forgetting.forget)
