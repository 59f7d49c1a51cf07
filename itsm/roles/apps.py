from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RolesConfig(AppConfig):
    name = "itsm.roles"
    label = "roles"
    settings_pages = (("people", _("Roles"), _("Who may do what, and roles of your own."), "roles:list"),)

    def ready(self) -> None:
        from itsm.accounts.models import OwnRole
        from itsm.approvals import confirming
        from itsm.roles import operations
        from itsm.roles.event_texts import HISTORY
        from itsm.ui import event_texts

        event_texts.tells(OwnRole.kind, events=HISTORY)
        confirming.confirms(operations.WIDEN, operations.widen_as_confirmed, weighs=_("let a role do more"))
