from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "itsm.approvals"
    label = "approvals"

    def ready(self) -> None:
        from itsm.approvals import confirming
        from itsm.approvals.queries import waiting_confirmations
        from itsm.clocks import due
        from itsm.ui import context

        due.register(confirming.EXPIRES, confirming.expire)
        context.counts("approvals:confirmations", waiting_confirmations)
