from importlib import import_module
from pathlib import Path

from django.apps import AppConfig, apps
from django.utils.translation import gettext_lazy as _

_OURS = frozenset({"itsm", "catalog", "incidents", "slo", "changes"})


def _load_named_rights() -> None:
    """Every `permissions.py` of ours, so that each process knows every named right from its start."""
    for config in apps.get_app_configs():
        top = Path(config.path)
        if config.name.split(".")[0] in _OURS:
            for found in sorted(top.rglob("permissions.py")):
                import_module(".".join([config.name, *found.relative_to(top).with_suffix("").parts]))


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

        _load_named_rights()
        event_texts.tells(OwnRole.kind, events=HISTORY)
        confirming.confirms(operations.WIDEN, operations.widen_as_confirmed, weighs=_("let a role do more"))
