from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    name = "incidents"

    def ready(self) -> None:
        from incidents.incident import operations, queries
        from incidents.incident.models import Incident
        from incidents.incident.workflow import HISTORY, WORKFLOW
        from itsm.accounts import duties, rights
        from itsm.approvals.confirming import confirms
        from itsm.search import offers
        from itsm.ui import event_texts

        rights.register(
            Incident.kind,
            Incident._meta.verbose_name,
            WORKFLOW,
            lambda at: Incident(reported_by_id=at.whose),
        )
        duties.register("incidents", queries.assigned_to, operations.reassign)
        confirms(operations.EDIT, operations.edit_as_confirmed)
        confirms(operations.CANCEL, operations.cancel_as_confirmed)
        event_texts.tells(Incident.kind, WORKFLOW, events=HISTORY)
        offers.offers(Incident, queries.as_found)
