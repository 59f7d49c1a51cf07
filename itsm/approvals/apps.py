from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "itsm.approvals"
    label = "approvals"
    beat = {
        "asks that are due soon": {
            "task": "itsm.approvals.tasks.remind_before_due",
            "schedule": 60.0,
            "options": {"expires": 60, "priority": 6},
        },
    }

    def ready(self) -> None:
        from itsm.accounts import duties, person_references, rights, team_references
        from itsm.approvals import confirming, departures, news
        from itsm.approvals.models import Confirmation, Delegation
        from itsm.approvals.workflow import CONFIRMATION, DELEGATIONS, HISTORY
        from itsm.clocks import due
        from itsm.notifications import rules
        from itsm.ui import event_texts

        rules.register(*news.RULES)
        due.register(confirming.EXPIRES, confirming.expire)
        event_texts.tells(Confirmation.kind, CONFIRMATION, events=HISTORY)
        event_texts.tells(Delegation.kind, events=DELEGATIONS)
        rights.register(
            Confirmation.kind,
            Confirmation._meta.verbose_name,
            CONFIRMATION,
            lambda at: Confirmation(
                excluded=[at.whose], person_id=at.whose, team_id=at.team, roles=["manager", "owner"]
            ),
        )
        person_references.register("four eyes", "", count=lambda person: 0, follow=departures.count_as)
        duties.register("approvals", departures.asked, departures.ask_others, held=departures.any_ask)
        duties.register("delegations", departures.delegated, departures.end_delegations, held=departures.any_delegation)
        duties.register("proposals", departures.proposed, departures.end_proposals, held=departures.any_proposal)
        team_references.register(
            "approvals.approvalrequest.team", find=departures.asks_of, follow=departures.asks_follow
        )
        team_references.register(
            "approvals.confirmation.team", find=departures.confirmations_of, follow=departures.confirmations_follow
        )
