from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AgentsConfig(AppConfig):
    name = "itsm.agents"
    label = "agents"
    verbose_name = _("software agents")
    settings_pages = (
        ("people", _("Software agents"), _("Whose programs act here, and the switch of all."), "agents:list"),
    )
    enum_names = {
        "AgentCapability": "itsm.agents.capabilities.Capability",
        "AgentState": "itsm.agents.vocabulary.State",
    }

    def ready(self) -> None:
        from itsm.accounts import duties, erasing
        from itsm.agents import tools
        from itsm.agents.event_texts import HISTORY
        from itsm.agents.invariants import STOPPED
        from itsm.agents.models import Agent, AgentSwitch
        from itsm.agents.operations import forgetting
        from itsm.agents.operations.ending import left_with
        from itsm.agents.searching import SEARCH
        from itsm.erasure import exporting
        from itsm.invariants.known import register
        from itsm.ui import event_texts

        register(STOPPED)
        for kind in (Agent.kind, AgentSwitch.kind):
            event_texts.tells(kind, events=HISTORY)
        duties.register(
            "agents.agent", lambda person: (), left_with, held=lambda person: [Agent.objects.filter(account=person)]
        )
        erasing.register("agents_agent.purpose", count=forgetting.count, forget=forgetting.forget)
        exporting.also(Agent, "account__owner")
        tools.register(SEARCH)
