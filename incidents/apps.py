from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    name = "incidents"

    def ready(self) -> None:
        from incidents.incident import operations
        from incidents.incident.models import Incident
        from incidents.incident.workflow import HISTORY, WORKFLOW
        from itsm.approvals.confirming import confirms
        from itsm.search import index
        from itsm.ui import event_texts

        confirms(operations.EDIT, operations.edit_as_confirmed)
        confirms(operations.CANCEL, operations.cancel_as_confirmed)
        event_texts.tells(Incident.kind, WORKFLOW, events=HISTORY)
        index.offers(
            Incident,
            lambda incident: index.Entry(
                incident.title, incident.get_absolute_url(), incident.description, owner_id=incident.reported_by_id
            ),
        )
