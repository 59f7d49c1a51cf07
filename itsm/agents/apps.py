from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AgentsConfig(AppConfig):
    name = "itsm.agents"
    label = "agents"
    verbose_name = _("software agents")

    def ready(self) -> None:
        from itsm.agents import tools
        from itsm.agents.models import Agent
        from itsm.agents.searching import SEARCH
        from itsm.ui import event_texts

        event_texts.tells(Agent.kind, events={"called": _("called a tool")})
        tools.register(SEARCH)
