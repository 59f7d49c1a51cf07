from django.apps import AppConfig


class ConfigurationConfig(AppConfig):
    name = "itsm.configuration"
    label = "configuration"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from itsm.configuration.models import make_rows

        post_migrate.connect(make_rows, sender=self, dispatch_uid="configuration: rows")
