from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PagingConfig(AppConfig):
    name = "itsm.paging"
    label = "paging"
    settings_pages = (("connections", _("Paging providers"), _("Text messages and calls."), "paging:providers"),)
    enum_names = {
        "PagingUrgency": "itsm.paging.vocabulary.Urgency",
        "PagingChannel": "itsm.paging.vocabulary.Channel",
        "PhoneChannel": "itsm.paging.vocabulary.PHONE_CHOICES",
        "PagingProviderAuth": "itsm.paging.models.PagingProvider.Auth",
        "PagingHow": "itsm.paging.vocabulary.How",
        "EscalationStatus": "itsm.paging.workflow.Status",
        "EscalationTargetKind": "itsm.paging.vocabulary.TargetKind",
        "PageStatus": "itsm.paging.vocabulary.PageStatus",
    }

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from itsm.accounts import duties, erasing, person_references, rights, team_references
        from itsm.accounts.operations import triage_id
        from itsm.clocks import due, late
        from itsm.notifications import outbox
        from itsm.notifications.lanes import Lane
        from itsm.oncall import importing, reporting
        from itsm.oncall.queries.listing import used_by as schedules_used_by
        from itsm.paging import event_texts as told
        from itsm.paging import queries
        from itsm.paging.models import Escalation, EscalationPolicy, PagingProvider
        from itsm.paging.operations import calling, contacts, departing, escalating, policies, reaching
        from itsm.paging.operations.importing import take_policies
        from itsm.paging.queries.counted import counted
        from itsm.paging.workflow import HISTORY, WORKFLOW
        from itsm.ui import event_texts

        outbox.register(calling.CHANNEL, reaching.deliver, lane=Lane.PAGING)
        outbox.register(contacts.CODE_CHANNEL, contacts.deliver_code)
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
        event_texts.tells(EscalationPolicy.kind, events=told.POLICY)
        event_texts.tells(PagingProvider.kind, events=told.PROVIDER)
        for event, words in told.PERSON.items():
            event_texts.register_event_text(event, words)
        schedules_used_by(queries.using_schedule)
        reporting.counts(counted)
        importing.steps(take_policies)
        person_references.register(
            "paging", _("phones, and places in escalation policies"),
            count=departing.count_of_person, follow=departing.follow_person,
        )  # fmt: skip
        erasing.register("paging_contactpoint", count=departing.count_phones, forget=departing.forget_phones)
        duties.register("escalation policies", queries.paged_as, policies.hand_over, held=queries.any_target)
        team_references.register("paging.escalationpolicy.team", find=queries.policies_of, follow=policies.follow_team)
        team_references.register("paging.steptarget.team", find=queries.targets_of, follow=policies.follow_targets)
        team_references.register("paging.escalation.team", find=queries.running_of, follow=policies.follow_running)
        team_references.register("paging.page.team", find=queries.nothing_of, follow=policies.stays)
