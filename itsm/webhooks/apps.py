from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebhooksConfig(AppConfig):
    name = "itsm.webhooks"
    label = "webhooks"
    settings_pages = (("connections", _("Webhooks"), _("Who outside is told, and chats."), "webhooks:list"),)
    enum_names = {"WebhookForm": "itsm.webhooks.vocabulary.Form", "WebhookStatus": "itsm.webhooks.vocabulary.Status"}
    beat = {
        "forget old webhook messages": {
            "task": "itsm.webhooks.tasks.forget",
            "schedule": 3600.0,
            "options": {"expires": 3000, "priority": 6},
        },
        "ask quiet flows of Teams": {
            "task": "itsm.webhooks.tasks.probe",
            "schedule": 6 * 3600.0,
            "options": {"expires": 3000, "priority": 6},
        },
    }

    def ready(self) -> None:
        from itsm.accounts import duties, erasing, team_references
        from itsm.notifications import outbox, rules
        from itsm.notifications.lanes import Lane
        from itsm.ui import event_texts
        from itsm.ui.event_texts import register_event_text
        from itsm.webhooks import events, operations, queries, receivers, sending
        from itsm.webhooks.models import ChatAccount, WebhookEndpoint

        rules.register(rules.Rule("webhook_endpoint.gave_up", _("A webhook of mine gave a message up"), "owner"))
        outbox.register(events.CHANNEL, sending.deliver, lane=Lane.WEBHOOK, at_once=sending.AT_ONCE, died=sending.died)
        history = {
            "created": _("made it"),
            "edited": _("changed it"),
            "rotated": _("made a new secret"),
            "switched_off": _("switched it off"),
            "switched_on": _("switched it on"),
            "deleted": _("deleted it"),
            "tested": _("sent a test message"),
            "sent_again": _("sent a message again"),
        }
        event_texts.tells(WebhookEndpoint.kind, events=history)
        register_event_text("user.chat_linked", _("linked a chat account, whose commands are theirs"))
        register_event_text("user.chat_ended", _("ended the link of a chat account"))
        team_references.register("webhooks.webhookendpoint.team", find=queries.of_team, follow=operations.follow_team)
        duties.register(
            "webhooks",
            queries.told_to,
            operations.hand_over,
            held=lambda person: [WebhookEndpoint.objects.filter(owner=person)],
        )
        erasing.goes_whole(ChatAccount)
        receivers.listen()
