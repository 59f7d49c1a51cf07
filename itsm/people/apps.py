from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "itsm.people"
    label = "people"

    def ready(self) -> None:
        from itsm.people import event_texts

        event_texts.register()
