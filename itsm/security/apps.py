from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SecurityConfig(AppConfig):
    name = "itsm.security"
    label = "security"
    settings_pages = (
        ("custody", _("Security"), _("What is open or weak here, each with its remedy."), "security:overview"),
    )
    enum_names = {"FindingGravity": "itsm.security.findings.Gravity", "FindingArea": "itsm.security.findings.Area"}

    def ready(self) -> None:
        from itsm.security import findings, of_accounts, of_custody, of_identity, of_the_installation

        for part in (of_the_installation, of_accounts, of_identity, of_custody):
            for check in part.CHECKS:
                findings.register_check(check)
