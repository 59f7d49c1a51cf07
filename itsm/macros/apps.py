from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MacrosConfig(AppConfig):
    name = "itsm.macros"
    label = "macros"
    settings_pages = (("work", _("Macros and templates"), _("Answers and steps with one key."), "macros:list"),)
    enum_names = {"MacroShare": "itsm.macros.models.Macro.Share"}

    def ready(self) -> None:
        from itsm.accounts import team_references
        from itsm.macros import categories, operations, templates
        from itsm.work import category_references

        team_references.register("macros.macro.team", find=lambda team: (), follow=operations.follow_team)
        team_references.register("macros.template.team", find=lambda team: (), follow=templates.follow_team)
        category_references.register("macros.macro", categories.MACROS)
        category_references.register("macros.template", categories.TEMPLATES)
