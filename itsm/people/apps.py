from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "itsm.people"
    label = "people"
    settings_pages = (
        ("people", _("Who is told of what"), _("Rules of notification for everybody."), "accounts:notification_rules"),
    )

    def ready(self) -> None:
        from itsm.people import event_texts

        event_texts.register()
