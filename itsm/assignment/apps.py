from django.apps import AppConfig


class AssignmentConfig(AppConfig):
    name = "itsm.assignment"
    label = "assignment"
    enum_names = {"RuleAssign": "itsm.assignment.models.Assign"}

    def ready(self) -> None:
        from itsm.accounts import duties, team_references
        from itsm.assignment import departing

        team_references.register(
            "assignment.rule.team", find=departing.rules_into, follow=departing.follow_team
        )  # fmt: skip
        duties.register("assignment rules", departing.rules_naming, departing.hand_over)
