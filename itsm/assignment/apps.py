from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssignmentConfig(AppConfig):
    name = "itsm.assignment"
    label = "assignment"
    settings_pages = (("work", _("Assignment rules"), _("Which queue and whom new work goes to."), "rules:list"),)
    enum_names = {"RuleAssign": "itsm.assignment.models.Assign"}

    def ready(self) -> None:
        from itsm.accounts import duties, team_references
        from itsm.assignment import departing
        from itsm.assignment.models import Rule
        from itsm.work import category_references

        team_references.register(
            "assignment.rule.team", find=departing.rules_into, follow=departing.follow_team
        )  # fmt: skip
        category_references.register("assignment.rule", category_references.of_query(Rule, "filter"))
        duties.register(
            "assignment rules",
            departing.rules_naming,
            departing.hand_over,
            held=lambda person: [departing.naming(person)],
        )
