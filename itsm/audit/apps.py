from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "itsm.audit"
    label = "audit"

    def ready(self) -> None:
        from itsm import rows, silence

        rows.tell_columns_apart_quickly()
        silence.listen_before_asking()
