from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "itsm.approvals"
    label = "approvals"

    def ready(self) -> None:
        from itsm.approvals import confirming
        from itsm.approvals.models import Confirmation
        from itsm.approvals.workflow import CONFIRMATION, HISTORY
        from itsm.clocks import due
        from itsm.ui import event_texts

        due.register(confirming.EXPIRES, confirming.expire)
        event_texts.tells(Confirmation.kind, CONFIRMATION, events=HISTORY)
