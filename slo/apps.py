from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SloConfig(AppConfig):
    name = "slo"
    badges = ("slo.objectives.templatetags.budget_badges",)
    beat = {
        "pull measurements": {"task": "slo.measuring.tasks.pull_all", "schedule": 60.0, "options": {"expires": 55}},
        "make uptime checks": {"task": "slo.measuring.tasks.run_checks", "schedule": 60.0, "options": {"expires": 55}},
        "evaluate budgets": {"task": "slo.objectives.tasks.evaluate_all", "schedule": 60.0, "options": {"expires": 55}},
        "recompute outages": {
            "task": "slo.objectives.tasks.recompute_outages",
            "schedule": 300.0,
            "options": {"expires": 290},
        },
        "forget old hours": {"task": "slo.measuring.tasks.forget_old_hours", "schedule": 86_400.0},
    }
    enum_names = {
        "BudgetingMethod": "slo.measuring.vocabulary.METHODS",
        "CheckMethod": "slo.models.UptimeCheck.Method",
        "SourceAuth": "slo.models.DataSource.Auth",
        "IndicatorMeasure": "slo.models.Indicator.Kind",
        "IndicatorSource": "slo.models.Indicator.Source",
        "MinutesOfASlice": "slo.measuring.vocabulary.SLICE_LENGTHS",
    }

    def ready(self) -> None:
        from catalog.agreements.queries import achieved
        from catalog.environments.queries import used_by
        from catalog.models import Service
        from catalog.services.queries import states
        from incidents.major.queries import timeline_sources
        from incidents.postmortem.queries import filled_from
        from itsm.accounts import duties, person_references, rights
        from itsm.accounts.naming import names_people
        from itsm.approvals.confirming import confirms
        from itsm.clocks import due
        from itsm.notifications import rules
        from itsm.search import offers
        from itsm.ui import event_texts
        from slo.measuring.models import DataSource, Indicator, QuarantinedSample
        from slo.measuring.operations import dependents, sources, withholding
        from slo.measuring.workflow import QUARANTINE
        from slo.objectives import news
        from slo.objectives.models import Correction, Objective
        from slo.objectives.operations import (
            backfilling,
            corrections,
            guarding,
            measured_by,
            objectives,
            promised,
            retiring,
        )
        from slo.objectives.queries import search_entries
        from slo.objectives.queries.achieved import achieved_of
        from slo.objectives.queries.listing import objectives_in
        from slo.objectives.queries.measurers import measured_alone_by, measuring
        from slo.objectives.queries.postmortems import alerted
        from slo.objectives.queries.service_states import troubled_services
        from slo.objectives.workflow import CORRECTION, CorrectionStatus

        used_by(objectives_in)
        filled_from(alerted)
        timeline_sources.register(alerted)
        achieved.come_from(achieved_of)
        states.come_from("objectives", troubled_services)
        dependents.register(measured_by.Objectives())
        rights.register(
            "correction",
            Correction._meta.verbose_name,
            CORRECTION,
            lambda at: Correction(owner_id=at.whose, objective=Objective(service=Service(team_id=at.team))),
        )
        rights.register(
            QuarantinedSample.kind, QuarantinedSample._meta.verbose_name, QUARANTINE, lambda at: QuarantinedSample()
        )
        names_people("slo_measurer", "named_by")
        names_people("slo_correction", "owner_name", "decided_by")
        names_people("slo_objectiveversion", "made_by")
        names_people("slo_outagecause", "decided_by")
        duties.register("objectives", measured_alone_by, held=measuring)
        person_references.keeps_from_deciding(Correction, "owner", status=CorrectionStatus.PROPOSED)
        rules.register(*news.RULES)
        due.register(corrections.EXPIRES, corrections.expire)
        promised.register()
        confirms(guarding.EDIT, objectives.edit_as_confirmed)
        confirms(guarding.RETIRE, retiring.retire_as_confirmed)
        confirms(guarding.EDIT_SOURCE, sources.edit_source_as_confirmed)
        confirms(withholding.BETTER_MINUTES, backfilling.set_better_minutes)
        history = {"created": _("set this objective"), "edited": _("changed its terms")}
        event_texts.tells(Objective.kind, events=history)
        event_texts.tells(Correction.kind, CORRECTION)
        event_texts.tells(QuarantinedSample.kind, QUARANTINE)
        offers.offers(Objective, search_entries.objective, is_thing=True)
        offers.offers(Indicator, search_entries.indicator)
        offers.offers(DataSource, search_entries.source)
