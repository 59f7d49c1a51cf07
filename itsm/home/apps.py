from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "itsm.home"
    label = "home"

    def ready(self) -> None:
        import itsm.celery  # noqa: F401 -- the application that tasks and nudges belong to
