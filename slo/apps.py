from django.apps import AppConfig


class SloConfig(AppConfig):
    name = "slo"

    def ready(self) -> None:
        from itsm.clocks import due
        from itsm.search import index
        from slo.models import Objective
        from slo.operations import corrections

        due.handles(corrections.EXPIRES, corrections.expire)
        index.offers(
            Objective,
            lambda objective: index.Entry(objective.name, f"/slos/{objective.slug}/", f"{objective.slug} SLO"),
        )
