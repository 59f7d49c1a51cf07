from django.apps import AppConfig


class AnnouncementsConfig(AppConfig):
    name = "itsm.announcements"
    label = "announcements"
    enum_names = {"AnnouncementKind": "itsm.announcements.models.Announcement.Kind"}

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from itsm.announcements import receivers
        from itsm.announcements.models import Announcement
        from itsm.ui import event_texts

        history = {
            "created": _("announced it"),
            "edited": _("changed it"),
            "withdrawn": _("withdrew it"),
        }
        event_texts.tells(Announcement.kind, events=history)
        receivers.listen()
