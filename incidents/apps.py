from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    name = "incidents"

    def ready(self) -> None:
        from incidents.models import Incident
        from itsm.search import index

        index.offers(
            Incident,
            lambda incident: index.Entry(
                incident.title, incident.get_absolute_url(), incident.description, owner_id=incident.reported_by_id
            ),
        )
