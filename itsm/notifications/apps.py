from django.apps import AppConfig

# Sweeps stand before all else in the queue.
_SWEEP = {"expires": 5, "priority": 0}


class NotificationsConfig(AppConfig):
    name = "itsm.notifications"
    label = "notifications"
    enum_names = {
        "NewsRelation": "itsm.notifications.models.Relation",
        "NewsHow": "itsm.notifications.models.Wish.How",
        "NewsClass": "itsm.notifications.models.NewsClass",
        "NewsChannel": "itsm.notifications.models.Channel",
    }
    beat = {
        "deliver what is owed": {
            "task": "itsm.notifications.tasks.relay",
            "schedule": 5.0,
            "options": _SWEEP,
        },
        "collect digests": {
            "task": "itsm.notifications.tasks.collect_digests",
            "schedule": 60.0,
            "options": {"expires": 50, "priority": 3},
        },
    }

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from itsm.notifications import digests, notifying, outbox
        from itsm.notifications.defaults import make_rows
        from itsm.notifications.lanes import Lane
        from itsm.notifications.pushing.owing import CHANNEL
        from itsm.notifications.pushing.sending import send_push

        outbox.register("mail", notifying.send_mail, lane=Lane.MAIL)
        outbox.register("digest", digests.send_digest, lane=Lane.MAIL)
        outbox.register(CHANNEL, send_push, lane=Lane.PUSH)
        post_migrate.connect(make_rows, sender=self, dispatch_uid="notifications: a row for each rule")
