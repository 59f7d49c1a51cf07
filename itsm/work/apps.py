from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "itsm.work"
    label = "work"
    enum_names = {"RecordRelation": "itsm.work.linking.Relation", "ViewShare": "itsm.work.models.View.Share"}

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from itsm.accounts import person_references, team_references
        from itsm.search import offers
        from itsm.work import category_references, saved_views, tasks, watching
        from itsm.work.models import View

        person_references.register(
            "watched", _("records that they follow"), count=watching.followed_by, follow=watching.follow_person
        )
        offers.sharing_with(watching.tokens_of_watched)
        team_references.register("work.view.team", find=lambda team: (), follow=saved_views.follow_team)
        category_references.register("work.view", category_references.of_query(View))
        team_references.register("work.task.team", find=tasks.waiting_for, follow=tasks.follow_team)
