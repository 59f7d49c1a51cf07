from django.apps import AppConfig


class StatuspageConfig(AppConfig):
    name = "itsm.statuspage"
    label = "statuspage"
    enum_names = {
        "ComponentState": "itsm.statuspage.vocabulary.State",
        "PublicIncidentStatus": "itsm.statuspage.vocabulary.IncidentStatus",
        "PublicMaintenanceStatus": "itsm.statuspage.vocabulary.MaintenanceStatus",
        "StatusPageVisibility": "itsm.statuspage.vocabulary.Visibility",
    }

    def ready(self) -> None:
        from itsm.accounts import rights
        from itsm.statuspage.models import Component, Maintenance, PublicIncident, StatusPage
        from itsm.statuspage.workflow import COMPONENT_HISTORY, HISTORY, INCIDENT, MAINTENANCE, PAGE_HISTORY
        from itsm.ui import event_texts

        for model, workflow in ((PublicIncident, INCIDENT), (Maintenance, MAINTENANCE)):
            rights.register(model.kind, model._meta.verbose_name, workflow, lambda at, model=model: model())
            event_texts.tells(model.kind, workflow, events=HISTORY)
        event_texts.tells(StatusPage.kind, events=PAGE_HISTORY)
        event_texts.tells(Component.kind, events=COMPONENT_HISTORY)
