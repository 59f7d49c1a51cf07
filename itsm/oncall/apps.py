from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OnCallConfig(AppConfig):
    name = "itsm.oncall"
    label = "oncall"
    enum_names = {
        "SwapStatus": "itsm.oncall.vocabulary.SwapStatus",
        "TurnUnit": "itsm.oncall.vocabulary.Unit",
        "TurnCount": "itsm.oncall.vocabulary.Count",
        "ShiftSource": "itsm.oncall.vocabulary.Source",
    }
    beat = {
        "who was on call": {
            "task": "itsm.oncall.tasks.write_served",
            "schedule": 600.0,
            "options": {"expires": 600, "priority": 6},
        },
        "gaps on call": {"task": "itsm.oncall.tasks.look_for_gaps", "schedule": 86_400.0},
    }

    def ready(self) -> None:
        from itsm.accounts import duties, person_references, rights, team_references
        from itsm.notifications import rules
        from itsm.oncall import event_texts as history
        from itsm.oncall import news
        from itsm.oncall.models import OnCallFeed, Override, Schedule, Swap, TimeOff
        from itsm.oncall.operations import departing
        from itsm.oncall.workflow import HISTORY, WORKFLOW
        from itsm.ui import event_texts

        rules.register(*news.RULES)
        event_texts.tells(Schedule.kind, events=history.SCHEDULE)
        event_texts.tells(Override.kind, events=history.OVERRIDE)
        event_texts.tells(TimeOff.kind, events=history.TIME_OFF)
        event_texts.tells(OnCallFeed.kind, events=history.FEED)
        event_texts.tells(Swap.kind, WORKFLOW, events=HISTORY)
        rights.register(
            Swap.kind,
            Swap._meta.verbose_name,
            WORKFLOW,
            lambda at: Swap(out_person_id=at.whose, schedule=Schedule(team_id=at.team)),
        )
        duties.register("on-call turns", departing.taking_turns, departing.hand_over, held=departing.any_turn)
        person_references.register(
            "on-call", _("turns on call"), count=departing.count_of_person, follow=departing.follow_person
        )
        team_references.register(
            "oncall.schedule.team", find=departing.schedules_of, follow=departing.follow_team
        )  # fmt: skip
