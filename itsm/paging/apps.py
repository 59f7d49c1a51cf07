from django.apps import AppConfig


class PagingConfig(AppConfig):
    name = "itsm.paging"
    label = "paging"
    enum_names = {
        "PagingUrgency": "itsm.paging.vocabulary.Urgency",
        "PagingChannel": "itsm.paging.vocabulary.Channel",
        "PagingHow": "itsm.paging.vocabulary.How",
        "EscalationStatus": "itsm.paging.workflow.Status",
        "EscalationTargetKind": "itsm.paging.vocabulary.TargetKind",
        "PageStatus": "itsm.paging.vocabulary.PageStatus",
    }

    def ready(self) -> None:
        from itsm.accounts import rights
        from itsm.accounts.operations import triage_id
        from itsm.clocks import due, late
        from itsm.notifications import outbox
        from itsm.notifications.lanes import Lane
        from itsm.paging.models import Escalation
        from itsm.paging.operations import calling, escalating, reaching
        from itsm.paging.workflow import HISTORY, WORKFLOW
        from itsm.ui import event_texts

        outbox.register(calling.CHANNEL, reaching.deliver, lane=Lane.PAGING)
        due.register(escalating.STEP, escalating.step_when_due, lane=Lane.PAGING)
        due.register(escalating.LAPSE, escalating.lapse_when_due, lane=Lane.PAGING)
        due.register(escalating.EXHAUSTED, escalating.exhausted_when_due)
        late.register("escalations", escalating.count_late, escalating.take_late)
        rights.register(
            Escalation.kind,
            Escalation._meta.verbose_name,
            WORKFLOW,
            lambda at: Escalation(team_id=at.team or triage_id()),
        )
        event_texts.tells(Escalation.kind, WORKFLOW, events=HISTORY)
