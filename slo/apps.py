from django.apps import AppConfig


class SloConfig(AppConfig):
    name = "slo"

    def ready(self) -> None:
        from itsm.approvals.confirming import confirms
        from itsm.clocks import due
        from itsm.search import index
        from slo.measuring.operations import dependents, sources, withholding
        from slo.objectives.models import Objective
        from slo.objectives.operations import backfilling, corrections, guarding, measured_by, objectives

        dependents.register(measured_by.Objectives())
        due.register(corrections.EXPIRES, corrections.expire)
        confirms(guarding.EDIT, objectives.edit_as_confirmed)
        confirms(guarding.RETIRE, objectives.retire_as_confirmed)
        confirms(guarding.EDIT_SOURCE, sources.edit_source_as_confirmed)
        confirms(withholding.KINDER_MINUTES, backfilling.set_kinder_minutes)
        index.offers(
            Objective,
            lambda objective: index.Entry(objective.name, f"/slos/{objective.slug}/", f"{objective.slug} SLO"),
        )
