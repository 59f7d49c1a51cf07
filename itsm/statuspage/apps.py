from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StatuspageConfig(AppConfig):
    name = "itsm.statuspage"
    label = "statuspage"
    settings_pages = (("connections", _("Status pages"), _("What the public sees."), "statuspage:list"),)
    enum_names = {
        "ComponentState": "itsm.statuspage.vocabulary.State",
        "PublicIncidentStatus": "itsm.statuspage.vocabulary.IncidentStatus",
        "PublicMaintenanceStatus": "itsm.statuspage.vocabulary.MaintenanceStatus",
        "StatusPageVisibility": "itsm.statuspage.vocabulary.Visibility",
    }

    beat = {
        "make the snapshot of status pages anew": {
            "task": "itsm.statuspage.tasks.make_snapshot",
            "schedule": 60.0,
            "options": {"expires": 55, "priority": 6},
        },
        "forget who did not confirm a subscription": {
            "task": "itsm.statuspage.tasks.forget_unconfirmed",
            "schedule": 3600.0,
            "options": {"expires": 3000, "priority": 7},
        },
    }

    def ready(self) -> None:
        from incidents.major.queries import timeline_sources
        from itsm.accounts import erasing, rights
        from itsm.clocks import due
        from itsm.notifications import outbox
        from itsm.notifications.lanes import Lane
        from itsm.statuspage import delivering, queries, receivers
        from itsm.statuspage.models import Component, Maintenance, PublicIncident, StatusPage
        from itsm.statuspage.operations import behind, maintenance, owing, subscribing
        from itsm.statuspage.workflow import COMPONENT_HISTORY, HISTORY, INCIDENT, MAINTENANCE, PAGE_HISTORY
        from itsm.ui import event_texts

        outbox.register(owing.SNAPSHOT, delivering.make_snapshot, lane=Lane.INTAKE)
        outbox.register(owing.TELLING, delivering.tell_subscribers, lane=Lane.INTAKE)
        outbox.register(owing.MAIL, delivering.send_mail, lane=Lane.MAIL)
        rights.register(PublicIncident.kind, PublicIncident._meta.verbose_name, INCIDENT, lambda at: PublicIncident())
        rights.register(Maintenance.kind, Maintenance._meta.verbose_name, MAINTENANCE, lambda at: Maintenance())
        event_texts.tells(PublicIncident.kind, INCIDENT, events=HISTORY)
        event_texts.tells(Maintenance.kind, MAINTENANCE, events=HISTORY)
        due.register(maintenance.BEGINS, behind.begin_when_due, lane=Lane.INTAKE)
        due.register(maintenance.ENDS, behind.end_when_due, lane=Lane.INTAKE)
        erasing.register(
            "statuspage_subscriber.address",
            count=lambda person: subscribing.of_person(person).count(),
            forget=subscribing.forget_person,
        )
        receivers.listen()
        timeline_sources.register(queries.told_around)
        event_texts.tells(StatusPage.kind, events=PAGE_HISTORY)
        event_texts.tells(Component.kind, events=COMPONENT_HISTORY)
