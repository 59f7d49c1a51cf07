from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "itsm.audit"
    label = "audit"

    def ready(self) -> None:
        from itsm import rows

        rows.tell_columns_apart_quickly()
