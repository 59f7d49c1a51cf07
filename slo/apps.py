from django.apps import AppConfig


class SloConfig(AppConfig):
    name = "slo"

    def ready(self) -> None:
        from itsm.approvals.confirming import confirms
        from itsm.clocks import due
        from itsm.search import index
        from slo.models import Objective
        from slo.operations import corrections, restating, withholding

        due.handles(corrections.EXPIRES, corrections.expire)
        confirms(withholding.KINDER_MINUTES, restating.set_kinder_minutes)
        index.offers(
            Objective,
            lambda objective: index.Entry(objective.name, f"/slos/{objective.slug}/", f"{objective.slug} SLO"),
        )
