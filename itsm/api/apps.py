from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "itsm.api"
    label = "api"

    def ready(self) -> None:
        from itsm.api import schema  # noqa: F401 -- registers itself with the schema generator
