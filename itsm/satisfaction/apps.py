from django.apps import AppConfig


class SatisfactionConfig(AppConfig):
    name = "itsm.satisfaction"
    label = "satisfaction"
    enum_names = {"SatisfactionScore": "itsm.satisfaction.models.Survey.Score"}

    def ready(self) -> None:
        from itsm.accounts import team_references
        from itsm.satisfaction import operations

        team_references.register("satisfaction.survey.team", find=operations.none_open, follow=operations.stay)
