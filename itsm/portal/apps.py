from celery.schedules import crontab
from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "itsm.portal"
    label = "portal"
    beat = {
        "forget who used the portal": {
            "task": "itsm.portal.tasks.forget_visitors",
            "schedule": crontab(hour=3, minute=11),
            "options": {"expires": 3600, "priority": 7},
        },
    }

    def ready(self) -> None:
        from catalog.items.queries import asked_at
        from itsm.portal import receivers

        receivers.listen()
        asked_at(lambda item: f"/portal/ask/{item.slug}/")
