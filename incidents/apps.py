from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    name = "incidents"
    enum_names = {
        "IncidentLevel": "incidents.incident.vocabulary.Level",
        "ReportMeasure": "incidents.reports.vocabulary.Measure",
    }

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from catalog.services.queries import states
        from incidents.imports.vocabulary import HISTORY as IMPORTED
        from incidents.incident import filters, news, operations, queries
        from incidents.incident.api import actions as read_actions
        from incidents.incident.api import placed_by_rules
        from incidents.incident.models import Incident
        from incidents.incident.operations import closing
        from incidents.incident.operations.actions import carry_out, possible
        from incidents.incident.operations.placing import seed
        from incidents.incident.operations.putting_back import put_back
        from incidents.incident.views import columns
        from incidents.incident.workflow import HISTORY, WORKFLOW
        from incidents.macros import queries as macros
        from incidents.reports import filters as reports
        from incidents.reports import operations as report_operations
        from incidents.sla import event_texts as sla_texts
        from incidents.sla import filters as sla_filters
        from incidents.sla import news as sla_news
        from incidents.sla import operations as sla
        from incidents.sla import receivers as sla_receivers
        from itsm.accounts import duties, rights, team_references
        from itsm.accounts.naming import names_people
        from itsm.accounts.operations import triage_id
        from itsm.approvals.confirming import confirms
        from itsm.assignment import kinds
        from itsm.clocks import due, explain, rederiving
        from itsm.clocks import owners as clock_owners
        from itsm.fields import owners
        from itsm.files import readers
        from itsm.macros import owners as macro_owners
        from itsm.macros import placeholders
        from itsm.notifications import rules, sight
        from itsm.search import offers
        from itsm.ui import event_texts
        from itsm.work import actions, linkable, saved_views

        rights.register(
            Incident.kind,
            Incident._meta.verbose_name,
            WORKFLOW,
            # Where nobody has said whose queue it is, it is in the one that takes what nothing else places.
            lambda at: Incident(caller_id=at.whose, opened_by_id=at.whose, team_id=at.team or triage_id()),
        )
        post_migrate.connect(seed, sender=self, dispatch_uid="incidents: priority matrix")
        owners.register(Incident.kind, owners.Owner(Incident, lambda _owner: Incident._meta.verbose_name_plural))
        due.register(operations.HOLD_ENDS, operations.resume_when_due)
        due.register(operations.CLOSING, operations.close_when_due)
        team_references.register("incidents.incident.team", find=queries.lying_in, follow=operations.follow_team)
        team_references.register(
            "incidents.category.team", find=queries.placed_by, follow=operations.follow_team_of_categories
        )
        rules.register(*news.RULES, *sla_news.RULES)
        sight.register(Incident.kind, queries.still_read)
        clock_owners.register(Incident.kind, sla.OWNER)
        rederiving.register(closing.rederive_closings)
        explain.tells(sla_texts.WHY)
        sla_receivers.listen()
        names_people("incidents_importedevent", "by", "changes")
        duties.register("incidents", queries.assigned_to, operations.reassign)
        confirms(operations.EDIT, operations.edit_as_confirmed)
        confirms(operations.CANCEL, operations.cancel_as_confirmed)
        linkable.register(Incident.kind, "INC", Incident.objects.visible_to, discreet=queries.is_confidential)
        readers.register(Incident.kind, queries.reading_of_files)
        event_texts.tells(Incident.kind, WORKFLOW, events={**HISTORY, **IMPORTED})
        offers.offers(Incident, queries.as_found)
        states.come_from("incidents", queries.troubled_services)
        kinds.register(Incident.kind, placed_by_rules.KIND)
        filters.register_term("measure", reports.TERM, reports.measured)
        due.register(report_operations.SENDING, report_operations.send_when_due)
        filters.register_term("sla", sla_filters.SLA, sla_filters.stands)
        actions.register(
            Incident.kind,
            actions.Actions(
                Incident,
                Incident.objects.visible_to,
                read_actions.read,
                carry_out,
                possible,
                put_back,
                read_actions.say,
            ),
        )
        macro_owners.register(Incident.kind, macros.OWNER)
        placeholders.gives(Incident.kind, macros.placeholder_values)
        saved_views.lists(
            Incident.kind, saved_views.Lists(filters.check, filters.SORTS, columns.columns_for, filters.GROUPS)
        )
