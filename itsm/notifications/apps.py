from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "itsm.notifications"
    label = "notifications"

    def ready(self) -> None:
        from itsm.notifications import outbox, telling

        outbox.register("mail", telling.send_mail)
