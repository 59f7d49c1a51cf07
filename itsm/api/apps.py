from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "itsm.api"
    label = "api"
    beat = {
        "tidy up": {"task": "itsm.api.tasks.forget_old_answers", "schedule": 3600.0},
    }

    def ready(self) -> None:
        from itsm.api import schema  # noqa: F401 -- registers itself with the schema generator
