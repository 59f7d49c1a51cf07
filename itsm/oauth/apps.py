from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OAuthConfig(AppConfig):
    name = "itsm.oauth"
    label = "oauth"
    verbose_name = _("sign-in of software agents")
    beat = {
        "forget what OAuth needs no more": {
            "task": "itsm.oauth.tasks.forget",
            "schedule": 3600.0,
            "options": {"expires": 3000, "priority": 6},
        },
    }

    def ready(self) -> None:
        import logging

        from itsm.agents.operations import ending
        from itsm.invariants.known import register
        from itsm.oauth import families
        from itsm.oauth.event_texts import HISTORY, OF_CLIENTS
        from itsm.oauth.invariants import ENDED
        from itsm.oauth.models import OAuthClient, OAuthGrant
        from itsm.ui import event_texts

        logging.getLogger("authlib").setLevel(logging.INFO)  # below it writes out the tokens that it issues
        register(ENDED)
        ending.ends_with_an_agent(families.end_all_of)
        ending.ends_with_a_token(families.end_with)
        event_texts.tells(OAuthGrant.kind, events=HISTORY)
        event_texts.tells(OAuthClient.kind, events=OF_CLIENTS)
